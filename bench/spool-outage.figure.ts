import { startFaultWorld } from "../test/support/fault-world.ts";
import { FAULTS, runSoak } from "../test/support/soak.ts";
import type { Figure } from "./figure.ts";

const OUTAGE_MS = 60_000;
const PER_SECOND = 50;
const CALM_MS = 3_000;

export const figure: Figure = {
  title: "PostgreSQL stopped for 60 s under load",
  how: `PostgreSQL is killed for a minute while ${PER_SECOND} visitors a second submit to \`workerd serve\`. One run; client and servers share the machine. What was answered with 2xx is looked for in PostgreSQL and among the events that an observer saw.`,
  async measure() {
    const world = await startFaultWorld();
    try {
      const report = await runSoak(world, {
        perSecond: PER_SECOND,
        faults: FAULTS.filter(({ name }) => name === "PostgreSQL killed"),
        faultMs: OUTAGE_MS,
        calmMs: CALM_MS,
      });
      const { receipts, missing, stored_twice, unannounced, announced_twice } = report;
      const answers = Object.entries(report.answers).map(([status, n]) => `${n} × ${status}`);
      return [
        {
          what: "accepted and later stored once : accepted",
          unit: "%",
          runs: [(100 * (receipts - missing - stored_twice)) / receipts],
          target: { atLeast: 100 },
          note: answers.join(", "),
        },
        {
          what: "events missed or seen twice",
          unit: "",
          runs: [unannounced + announced_twice],
          target: { atMost: 0 },
        },
        {
          what: "p99 of the 202 with the breaker open",
          unit: "ms",
          runs: [report.queuedP99Milliseconds],
          target: { atMost: 50 },
        },
        {
          what: "until all were stored, under load for the first 3 s, once PostgreSQL was back",
          unit: "s",
          runs: [(CALM_MS + report.drainedAfterMilliseconds) / 1000],
          target: { atMost: 30 },
        },
      ];
    } finally {
      await world.close();
    }
  },
};
