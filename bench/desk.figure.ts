import { startPostgres } from "../test/support/servers.ts";
import { compareDepth, compareStatistics, MONTH, searches, YEAR } from "./desk-reading.ts";
import { FIRST, fillDatabase } from "./desk-rows.ts";
import type { Figure, Row } from "./figure.ts";

/** Ten million take a good quarter of an hour to make, most of it for the search index. */
const ROWS = Number(process.env["BENCH_ROWS"] ?? 10_000_000);
const SEARCH = process.env["BENCH_SEARCH"] !== "off";

export const figure: Figure = {
  title: "The desk at ten million inquiries",
  how: "The Worker's own queries over the driver's HTTP protocol against PostgreSQL; many rows and few in turn, in databases of one server. The few rows all lie in the period that is asked for: what is compared is the size of the table. `BENCH_ROWS` sets the number, `BENCH_SEARCH=off` does without the search index.",
  async measure() {
    const server = await startPostgres();
    try {
      const few = { rows: 10_000, searchIndex: false };
      const month = await fillDatabase(server, { ...few, first: MONTH });
      const year = await fillDatabase(server, { ...few, first: YEAR });
      const large = await fillDatabase(server, { rows: ROWS, first: FIRST, searchIndex: SEARCH });
      try {
        const rows: Row[] = await compareStatistics(large, { month, year });
        rows.push(...(await compareDepth(large)));
        if (SEARCH) rows.push(...(await searches(large)));
        const start = performance.now();
        await large.client.query("SELECT status, count(*) FROM inquiries GROUP BY status");
        const groupBy = performance.now() - start;
        return [...rows, { what: "GROUP BY status, for comparison", unit: "ms", runs: [groupBy] }];
      } finally {
        await month.close();
        await year.close();
        await large.close();
      }
    } finally {
      await server.stop();
    }
  },
};
