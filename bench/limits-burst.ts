import {
  countStatuses,
  type LimitsWorld,
  nextAddress,
  startLimitsWorld,
} from "../test/support/limits-world.ts";

export interface Figure {
  name: string;
  target: string;
  value: number;
  unit: string;
  detail: string;
}

const CONNECTIONS = 8;
const POLICY = 5;

/** 5,000 requests from one client, and from 1,000 addresses of one /64: how far from the policy? */
export async function limitsBurst(): Promise<Figure[]> {
  const world = await startLimitsWorld({ connections: CONNECTIONS, floodCeiling: 1_000_000 });
  try {
    const client = nextAddress();
    const network = `2001:db8:${(process.pid & 0xffff).toString(16)}:2`;
    return [
      await burst(world, "one client, 5,000 requests", () => client),
      await burst(world, "1,000 addresses of one /64, 5,000 requests", (n) => {
        return `${network}::${(n % 1000).toString(16)}`;
      }),
    ];
  } finally {
    await world.stop();
  }
}

async function burst(
  world: LimitsWorld,
  name: string,
  clientOf: (n: number) => string,
): Promise<Figure> {
  const start = performance.now();
  const sent = Array.from({ length: 5000 }, (_, n) =>
    world.submit(clientOf(n), { "x-forwarded-for": `203.0.113.${n % 256}` }),
  );
  const counts = countStatuses(await Promise.all(sent));
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  return {
    name: `accepted beyond the policy: ${name}`,
    target: "within 1",
    value: (counts[201] ?? 0) - POLICY,
    unit: "requests",
    detail: `${JSON.stringify(counts)} over ${CONNECTIONS} connections in ${seconds} s`,
  };
}

if (import.meta.main) console.log(JSON.stringify(await limitsBurst(), undefined, 2));
