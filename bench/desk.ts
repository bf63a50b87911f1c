import { startPostgres } from "../test/support/servers.ts";
import { compareDepth, compareStatistics, median, type Row, searches } from "./desk-reading.ts";
import { fillDatabase } from "./desk-rows.ts";

/** `node bench/desk.ts [rows]`: what a desk of ten million inquiries costs against one of ten thousand. */
const rows = Number(process.argv[2] ?? 10_000_000);
const server = await startPostgres();
try {
  const small = await fillDatabase(server, 10_000);
  const large = await fillDatabase(server, rows);
  try {
    print(await compareStatistics(large, small));
    print(await compareDepth(large));
    const { rows: found, plan } = await searches(large);
    print(found);
    console.log(plan);
    const start = performance.now();
    await large.client.query("SELECT status, count(*) FROM inquiries GROUP BY status");
    console.log(`for comparison: GROUP BY status ${(performance.now() - start).toFixed(0)} ms`);
  } finally {
    await small.close();
    await large.close();
  }
} finally {
  await server.stop();
}

function print(measured: readonly Row[]): void {
  for (const { what, unit, runs, target } of measured) {
    const [low, high] = [Math.min(...runs), Math.max(...runs)];
    const goal = target ? ` (at most ${target.atMost})` : "";
    const spread = `${low.toFixed(2)}–${high.toFixed(2)}`;
    console.log(`${what}: ${median(runs).toFixed(2)} ${unit} [${spread}]${goal}`);
  }
}
