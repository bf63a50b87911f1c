import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Client } from "pg";
import { postgresEngine, servePostgresHttp } from "../dev/postgres-http.ts";
import { createDatabase, type Database } from "../src/db/client.ts";
import type { RunningServer } from "../test/support/processes.ts";

/** A migrated database full of inquiries, reached as the Worker reaches it. */
export interface FilledDatabase {
  readonly rows: number;
  readonly db: Database;
  /** Straight to the server, for plans. */
  readonly client: Client;
  close(): Promise<void>;
}

const MIGRATE = fileURLToPath(new URL("../dev/migrate.ts", import.meta.url));

/** The rows lie between these, whatever their number. */
export const FIRST = Date.UTC(2025, 0, 1);
export const LAST = Date.UTC(2026, 10, 1);

/**
 * Makes a database of its own on a server. The rows come with the triggers off and the search index
 * built at the end, then the rollups are rebuilt: an hour of inserts becomes minutes.
 */
export async function fillDatabase(server: RunningServer, rows: number): Promise<FilledDatabase> {
  const name = `desk_${rows}`;
  await run(server.connectionString, `CREATE DATABASE ${name}`);
  const connectionString = server.connectionString.replace(/\/postgres$/, `/${name}`);
  const engine = postgresEngine({ connectionString });
  const http = await servePostgresHttp({ engine });
  const databaseUrl = "postgres://outreach:outreach@localhost/outreach";
  // A process of its own: the driver has one fetch hook, and here it is the Worker's.
  await promisify(execFile)(process.execPath, [MIGRATE], {
    env: { ...process.env, DATABASE_URL: databaseUrl, DATABASE_HTTP_ENDPOINT: http.url },
  });
  const client = new Client({ connectionString });
  await client.connect();
  await client.query("SET maintenance_work_mem = '1GB'; SET max_parallel_maintenance_workers = 2");
  const { rows: indexes } = await client.query(
    "SELECT indexdef FROM pg_indexes WHERE indexname = 'inquiries_search_index'",
  );
  await client.query("DROP INDEX inquiries_search_index");
  await client.query("ALTER TABLE inquiries DISABLE TRIGGER USER");
  await timed(`${rows} rows`, () => client.query(INSERT, [rows, (LAST - FIRST) / rows, FIRST]));
  await client.query("ALTER TABLE inquiries ENABLE TRIGGER USER");
  await timed("search index", () => client.query(indexes[0].indexdef));
  await timed("rollups", () => client.query("SELECT rebuild_rollups()"));
  await timed("vacuum", () => client.query("VACUUM ANALYZE"));
  return {
    rows,
    db: createDatabase({ url: databaseUrl, httpEndpoint: http.url, requestId: "bench" }),
    client,
    close: async () => {
      await client.end();
      await http.close();
      await engine.close();
    },
  };
}

/** $1 rows, one every $2 milliseconds from $3 on. One in a hundred is NEW, one IN_PROGRESS. */
const INSERT = `
  INSERT INTO inquiries (id, status, name, email, phone, subject, message, source, spam_reasons,
    submission_key, content_hash, submitted_at, first_handled_at)
  SELECT
    ((at - 1735689600000) << 22) | (10 << 12) | (n & 4095), status,
    'Person ' || n, 'person.' || n || '@example.com', '+44 ' || n, words[1 + n % 10],
    'Do you have ' || words[1 + n % 10] || ' in ' || words[1 + n / 10 % 10] || ' near '
      || words[1 + n / 100 % 10] || '? Please write to me about order ' || n || '.',
    'page-' || n % 6,
    CASE WHEN status = 'CANCELLED' AND n % 2 = 0 THEN '{links}'::text[] ELSE '{}' END,
    'bench ' || n, '', to_timestamp(at / 1000.0),
    CASE WHEN status <> 'NEW'
      THEN to_timestamp(at / 1000.0) + exp(random() * 8 + 4) * interval '1 second' END
  FROM (
    SELECT n, ($3::float8 + n * $2::float8)::bigint AS at,
      CASE WHEN n % 100 = 0 THEN 'NEW' WHEN n % 100 = 1 THEN 'IN_PROGRESS'
        WHEN n % 100 < 10 THEN 'CANCELLED' ELSE 'RESOLVED' END AS status,
      '{harbour,garden,winter,lantern,copper,island,meadow,violet,timber,saddle}'::text[] AS words
    FROM generate_series(1, $1::int) AS n
  ) AS numbered`;

async function run(connectionString: string, statement: string): Promise<void> {
  const client = new Client({ connectionString });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

async function timed(what: string, work: () => Promise<unknown>): Promise<void> {
  const start = performance.now();
  await work();
  console.error(`  ${what}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
}
