import {
  countOutcomes,
  type LimitsWorld,
  nextAddress,
  startLimitsWorld,
} from "../test/support/limits-world.ts";

import type { Figure, Row } from "./figure.ts";

const CONNECTIONS = 8;
const POLICY = 5;

export const figure: Figure = {
  title: "A burst from one client",
  how: `5,000 submissions over ${CONNECTIONS} connections to \`workerd serve\` with a Redis server; the policy allows ${POLICY} a minute. \`X-Forwarded-For\` changes with each.`,
  async measure() {
    const world = await startLimitsWorld({ connections: CONNECTIONS, floodCeiling: 1_000_000 });
    try {
      const client = nextAddress();
      const network = `2001:db8:${(process.pid & 0xffff).toString(16)}:2`;
      const address = (n: number) => `${network}::${(n % 1000).toString(16)}`;
      return [
        await burst(world, "one address", () => client),
        await burst(world, "1,000 addresses of one /64", address),
      ];
    } finally {
      await world.stop();
    }
  },
};

async function burst(
  world: LimitsWorld,
  name: string,
  clientOf: (n: number) => string,
): Promise<Row> {
  const start = performance.now();
  const sent = Array.from({ length: 5000 }, (_, n) =>
    world.submit(clientOf(n), { "x-forwarded-for": `203.0.113.${n % 256}` }),
  );
  const counts = countOutcomes(await Promise.all(sent));
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  return {
    what: `off the policy, ${name}`,
    unit: "requests",
    runs: [Math.abs((counts["accepted"] ?? 0) - POLICY)],
    target: { atMost: 1 },
    note: `${JSON.stringify(counts)} in ${seconds} s`,
  };
}
