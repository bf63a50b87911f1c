import { startFaultWorld } from "../test/support/fault-world.ts";
import { FAULTS, runSoak } from "../test/support/soak.ts";
import type { Figure } from "./measurement.ts";

const OUTAGE_MS = 60_000;
const PER_SECOND = 50;

/** PostgreSQL killed for a minute under load: what was kept, and how long the 202 took. */
export async function spoolOutage(): Promise<Figure[]> {
  const world = await startFaultWorld();
  try {
    const faults = FAULTS.filter(({ name }) => name === "PostgreSQL killed");
    const report = await runSoak(world, {
      perSecond: PER_SECOND,
      faults,
      faultMs: OUTAGE_MS,
      calmMs: 3_000,
    });
    const { receipts, missing, stored_twice, unannounced, announced_twice } = report;
    const answers = Object.entries(report.answers).map(([status, n]) => `${n} × ${status}`);
    return [
      {
        name: "PostgreSQL stopped for 60 s: accepted and later stored once",
        target: "100 %",
        value: (100 * (receipts - missing - stored_twice)) / receipts,
        unit: "%",
        detail: `${answers.join(", ")}; not announced ${unannounced}, announced twice ${announced_twice}; drained ${Math.round(report.drainedAfterMilliseconds)} ms after the load ended`,
      },
      {
        name: "p99 of the 202 with the breaker open",
        target: "≤ 50 ms",
        value: report.queuedP99Milliseconds,
        unit: "ms",
        detail: `${PER_SECOND} submissions a second, client and server on one machine`,
      },
    ];
  } finally {
    await world.close();
  }
}

if (import.meta.main) console.log(await spoolOutage());
