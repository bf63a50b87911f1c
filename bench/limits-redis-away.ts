import {
  countStatuses,
  keepSending,
  percentile,
  startLimitsWorld,
} from "../test/support/limits-world.ts";
import type { Figure } from "./limits-burst.ts";

const LOAD = { lanes: 4, milliseconds: 8_000, pauseMs: 10 };
const ROUNDS = 3;

/**
 * What a submission takes longer at the 99th percentile while Redis is stopped and the breaker open,
 * against the same Worker with Redis up; rounds alternate, medians are compared.
 */
export async function limitsRedisAway(): Promise<Figure[]> {
  const world = await startLimitsWorld({ connections: LOAD.lanes, floodCeiling: 1_000_000 });
  try {
    await keepSending(world, { ...LOAD, milliseconds: 4_000 });
    const [up, paused, killed]: number[][] = [[], [], []];
    const seen: Record<number, number>[] = [];
    const measure = async (into: number[] | undefined) => {
      const answers = await keepSending(world, LOAD);
      into?.push(percentile(answers, 0.99));
      seen.push(countStatuses(answers));
    };
    // Long enough for the breaker to have opened, or to have found Redis back.
    const settle = () => keepSending(world, { ...LOAD, milliseconds: 3_000 });
    for (let round = 0; round < ROUNDS; round += 1) {
      await settle();
      await measure(up);
      world.redis.pause();
      await settle();
      await measure(paused);
      world.redis.resume();
      await settle();
      await world.redis.kill();
      await settle();
      await measure(killed);
      await world.redis.start();
    }
    const statuses = seen.map((counts) => JSON.stringify(counts)).join(" ");
    const figure = (name: string, away: number[] = []): Figure => ({
      name: `added p99 on submit, Redis ${name}`,
      target: "≤ 5",
      value: Number((median(away) - median(up ?? [])).toFixed(1)),
      unit: "ms",
      detail: `p99 with Redis ${list(up)}, without ${list(away)} ms; statuses ${statuses}`,
    });
    return [figure("stands still", paused), figure("killed", killed)];
  } finally {
    await world.stop();
  }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

const list = (values: readonly number[] = []) => values.map((value) => value.toFixed(1)).join(", ");

if (import.meta.main) console.log(JSON.stringify(await limitsRedisAway(), undefined, 2));
