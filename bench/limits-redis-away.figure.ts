import {
  type Answered,
  countOutcomes,
  keepSending,
  type LimitsWorld,
  nextAddress,
  percentile,
  startLimitsWorld,
} from "../test/support/limits-world.ts";
import type { Figure, Row } from "./figure.ts";

const LANES = 2;
const PAIRS = 1_000;
const SETTLE = { lanes: LANES, milliseconds: 3_000, pauseMs: 10 };

export const figure: Figure = {
  title: "Redis stopped: added p99 on submit",
  how: `Two Workers in \`workerd serve\`, one with its Redis up and one without, get one request each in turns, so that whatever else the machine does happens to both: ${PAIRS} pairs, ${LANES} at once, with the breaker open. The first row compares the two while both have Redis: the others mean nothing on a machine where that one is not small.`,
  async measure() {
    const options = { connections: LANES, floodCeiling: 1_000_000 };
    const up = await startLimitsWorld(options);
    const away = await startLimitsWorld(options);
    try {
      await Promise.all([keepSending(up, SETTLE), keepSending(away, SETTLE)]);
      const { target: _, ...alike } = await compare("Redis up in both", up, away);
      away.redis.pause();
      await keepSending(away, SETTLE);
      const still = await compare("Redis stands still", up, away);
      away.redis.resume();
      await away.redis.kill();
      await keepSending(away, SETTLE);
      return [alike, still, await compare("Redis killed", up, away)];
    } finally {
      await up.stop();
      await away.stop();
    }
  },
};

async function compare(what: string, up: LimitsWorld, away: LimitsWorld): Promise<Row> {
  const withRedis: Answered[] = [];
  const without: Answered[] = [];
  const lane = async (number: number) => {
    for (let pair = number; pair < PAIRS; pair += LANES) {
      const turns = [
        async () => withRedis.push(await up.submit(nextAddress())),
        async () => without.push(await away.submit(nextAddress())),
      ];
      // Whoever goes second finds warmer caches: they take turns in that as well.
      for (const turn of pair % 4 < LANES ? turns : turns.reverse()) await turn();
    }
  };
  await Promise.all(Array.from({ length: LANES }, (_, number) => lane(number)));
  const at = (share: number) => [percentile(withRedis, share), percentile(without, share)] as const;
  const [p99, p99Without] = at(0.99);
  const text = [0.5, 0.9, 0.99].map(
    (share) =>
      `p${share * 100} ${at(share)
        .map((ms) => ms.toFixed(1))
        .join(" / ")}`,
  );
  return {
    what,
    unit: "ms",
    runs: [Number((p99Without - p99).toFixed(1))],
    target: { atMost: 5 },
    note: `with / without Redis: ${text.join(", ")} ms; ${JSON.stringify(countOutcomes(withRedis))} / ${JSON.stringify(countOutcomes(without))}`,
  };
}
