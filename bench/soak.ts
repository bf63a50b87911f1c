import { startFaultWorld } from "../test/support/fault-world.ts";
import { FAULTS, runSoak } from "../test/support/soak.ts";

/**
 * `npm run soak`: PostgreSQL away for SOAK_SECONDS (60) under SOAK_RATE (50) submissions a second, then
 * every other fault in random order for ten seconds each. Ends with 1 when anything was lost, stored
 * twice, not announced or announced twice.
 */
const seconds = Number(process.env["SOAK_SECONDS"] ?? 60);
const perSecond = Number(process.env["SOAK_RATE"] ?? 50);

const world = await startFaultWorld();
let failed = false;
try {
  const [killed, ...others] = FAULTS;
  const say = (line: string) => console.log(`${new Date().toISOString()} ${line}`);
  const rounds = [
    { faults: killed === undefined ? [] : [killed], faultMs: seconds * 1_000 },
    { faults: others.sort(() => Math.random() - 0.5), faultMs: 10_000 },
  ];
  for (const round of rounds) {
    const report = await runSoak(world, { perSecond, calmMs: 3_000, say, ...round });
    console.log(report);
    const { missing, stored_twice, unannounced, announced_twice } = report;
    failed ||= missing + stored_twice + unannounced + announced_twice > 0;
  }
} finally {
  await world.close();
}
console.log(failed ? "soak: FAILED" : "soak: every receipt is one row and one event");
process.exit(failed ? 1 : 0);
