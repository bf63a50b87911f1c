import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { NeonDbError, type NeonQueryFunction, neon, neonConfig } from "@neondatabase/serverless";
import { readMigrationFiles } from "drizzle-orm/migrator";
import { type Phase, readMigrations, splitMissing } from "./migration-phases.ts";

const migrationsFolder = fileURLToPath(new URL("../migrations", import.meta.url));
const seedFile = fileURLToPath(new URL("../migrations/seeds/permissions.csv", import.meta.url));

/** Any number: two migrations at once would wait for each other on it. */
const LOCK = 7_402_180_001;

export interface MigrationReport {
  /** How many migrations were applied now. */
  applied: number;
  /** Migrations that contract the schema and were left for later. */
  waiting: string[];
  /** Seeded rules that were added and taken out now. */
  rulesAdded: number;
  rulesRemoved: number;
}

/**
 * Brings a database up to date: the migrations that are missing, each in one transaction, then the
 * seeds, which are idempotent. Uses drizzle's files and its table; drizzle's own HTTP migrator runs
 * statements one by one, so a failure would leave half a migration behind.
 * @param options.phase `expand` leaves what contracts the schema for later; all of it otherwise
 */
export async function migrate(options: {
  databaseUrl: string;
  httpEndpoint?: string | undefined;
  phase?: Phase;
}): Promise<MigrationReport> {
  if (options.httpEndpoint) neonConfig.fetchEndpoint = options.httpEndpoint;
  const sql = neon(options.databaseUrl);
  const locked = (statements: string[]) =>
    sql.transaction((tx) => [
      tx`SELECT pg_advisory_xact_lock(${LOCK})`,
      ...statements.map((statement) => tx.query(statement)),
    ]);

  await locked([
    "CREATE SCHEMA IF NOT EXISTS drizzle",
    `CREATE TABLE IF NOT EXISTS drizzle.__drizzle_migrations (
      id serial PRIMARY KEY, hash text NOT NULL, created_at bigint UNIQUE)`,
  ]);
  const done = await sql`SELECT created_at FROM drizzle.__drizzle_migrations`;
  const doneAt = new Set(done.map((row) => Number(row["created_at"])));
  const missing = readMigrations().filter(({ when }) => !doneAt.has(when));
  const { now, later } = splitMissing(missing, options.phase ?? "contract");
  const wanted = new Set(now.map(({ when }) => when));
  let applied = 0;
  for (const { sql: statements, hash, folderMillis } of readMigrationFiles({ migrationsFolder })) {
    if (!wanted.has(folderMillis)) continue;
    try {
      await locked([
        // First, so that a migration somebody else has just applied fails here and changes nothing.
        `INSERT INTO drizzle.__drizzle_migrations (hash, created_at) VALUES ('${hash}', ${folderMillis})`,
        ...statements,
      ]);
      applied += 1;
    } catch (error) {
      if (!(error instanceof NeonDbError) || error.table !== "__drizzle_migrations") throw error;
    }
  }
  const waiting = later.map(({ tag }) => tag);
  return { applied, waiting, ...(await seedPermissions(sql)) };
}

/** The rules of the seed file: `[ptype, v0, v1, v2]` each. */
export function readSeedRules(text = readFileSync(seedFile, "utf8")): string[][] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.split(",").map((value) => value.trim()));
}

/** Makes the rows whose origin is `seed` those of the seed file; `custom` rows are left alone. */
async function seedPermissions(sql: NeonQueryFunction<false, false>) {
  const rules = JSON.stringify(readSeedRules());
  const wanted = `SELECT rule->>0 AS ptype, coalesce(rule->>1, '') AS v0,
      coalesce(rule->>2, '') AS v1, coalesce(rule->>3, '') AS v2
    FROM jsonb_array_elements($1::jsonb) AS rule`;
  const [removed = [], added = []] = await sql.transaction((tx) => [
    tx.query(
      `DELETE FROM permissions WHERE origin = 'seed'
        AND (ptype, v0, v1, v2) NOT IN (${wanted}) RETURNING id`,
      [rules],
    ),
    tx.query(
      `INSERT INTO permissions (ptype, v0, v1, v2, origin)
        SELECT ptype, v0, v1, v2, 'seed' FROM (${wanted}) AS wanted
        ON CONFLICT DO NOTHING RETURNING id`,
      [rules],
    ),
  ]);
  return { rulesAdded: added.length, rulesRemoved: removed.length };
}

if (import.meta.main) {
  const databaseUrl = process.env["DATABASE_URL"];
  if (databaseUrl === undefined) {
    console.error("DATABASE_URL is not set: it names the database to migrate.");
    process.exit(1);
  }
  const httpEndpoint = process.env["DATABASE_HTTP_ENDPOINT"];
  const { applied, rulesAdded, rulesRemoved } = await migrate({ databaseUrl, httpEndpoint });
  console.log(
    `${applied} migrations applied, ${rulesAdded} seeded rules added, ${rulesRemoved} removed`,
  );
}
