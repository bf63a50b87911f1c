import { startPostgres } from "../test/support/servers.ts";
import {
  compareDepth,
  compareStatistics,
  MONTH,
  median,
  type Row,
  searches,
  YEAR,
} from "./desk-reading.ts";
import { FIRST, fillDatabase } from "./desk-rows.ts";

/** `node bench/desk.ts [rows] [--without-search]`: what a desk of ten million inquiries costs against one of ten thousand. */
const rows = Number(process.argv[2] ?? 10_000_000);
const searchIndex = !process.argv.includes("--without-search");
const server = await startPostgres();
try {
  const few = { rows: 10_000, searchIndex: false };
  const month = await fillDatabase(server, { ...few, first: MONTH });
  const year = await fillDatabase(server, { ...few, first: YEAR });
  const large = await fillDatabase(server, { rows, first: FIRST, searchIndex });
  try {
    print(await compareStatistics(large, { month, year }));
    print(await compareDepth(large));
    if (searchIndex) {
      const { rows: found, plan } = await searches(large);
      print(found);
      console.log(plan);
    }
    const start = performance.now();
    await large.client.query("SELECT status, count(*) FROM inquiries GROUP BY status");
    console.log(`for comparison: GROUP BY status ${(performance.now() - start).toFixed(0)} ms`);
  } finally {
    await month.close();
    await year.close();
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
