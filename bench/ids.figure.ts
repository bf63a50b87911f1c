import { Client } from "pg";
import { migrate } from "../dev/migrate.ts";
import { postgresEngine, servePostgresHttp } from "../dev/postgres-http.ts";
import { startPostgres } from "../test/support/servers.ts";
import type { Figure } from "./figure.ts";

const WHOLE = { ids: 1_000_000, connections: 64 };
/** One INSERT mints so many: far more at once than submissions do. */
const TOGETHER = 125;

export const figure: Figure = {
  title: "Ids minted at once",
  how: `${WHOLE.ids.toLocaleString("en")} ids of one node from ${WHOLE.connections} connections to a PostgreSQL server, as fast as it can, into a table without a unique index, so that nothing but the function keeps them apart. One run.`,
  async measure() {
    const { minted, twice, seconds } = await mintIds(WHOLE);
    return [
      { what: "duplicates", unit: "", runs: [twice], target: { atMost: 0 } },
      { what: "minted", unit: "", runs: [minted], target: { atLeast: WHOLE.ids } },
      { what: "a second", unit: "", runs: [Math.round(minted / seconds)] },
    ];
  },
};

/** @param options.ids a multiple of 125 times the connections */
export async function mintIds(options: { ids: number; connections: number }) {
  const server = await startPostgres();
  const { connectionString } = server;
  const engine = postgresEngine({ connectionString });
  const http = await servePostgresHttp({ engine });
  const clients = Array.from(
    { length: options.connections },
    () => new Client({ connectionString }),
  );
  try {
    const databaseUrl = "postgres://outreach:outreach@localhost/outreach";
    await migrate({ databaseUrl, httpEndpoint: http.url });
    await Promise.all(clients.map((client) => client.connect()));
    const [first] = clients;
    if (first === undefined) throw new Error("no connection");
    await first.query("CREATE UNLOGGED TABLE minted (id bigint)");
    const start = performance.now();
    const each = options.ids / options.connections / TOGETHER;
    await Promise.all(
      clients.map(async (client) => {
        for (let n = 0; n < each; n += 1) {
          await client.query(
            "INSERT INTO minted SELECT snowflake(10) FROM generate_series(1, $1::int)",
            [TOGETHER],
          );
        }
      }),
    );
    const seconds = (performance.now() - start) / 1000;
    const { rows } = await first.query<{ minted: string; twice: string }>(
      "SELECT count(*) AS minted, count(*) - count(DISTINCT id) AS twice FROM minted",
    );
    const [row = { minted: "0", twice: "NaN" }] = rows;
    return { minted: Number(row.minted), twice: Number(row.twice), seconds };
  } finally {
    await Promise.all(clients.map((client) => client.end()));
    await http.close();
    await engine.close();
    await server.stop();
  }
}
