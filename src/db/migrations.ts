import { sql } from "drizzle-orm";
import journal from "../../migrations/meta/_journal.json" with { type: "json" };
import type { Database } from "./client.ts";

/** The migrations this version was built with; `when` is what tells them apart, milliseconds since 1970. */
export const KNOWN_MIGRATIONS: readonly { when: number; tag: string }[] = journal.entries.map(
  ({ when, tag }) => ({ when, tag }),
);

/** The `when` of every migration the database has. dev/migrate.ts keeps the table. */
export async function appliedMigrations(db: Database): Promise<ReadonlySet<number>> {
  const { rows } = await db.execute<{ created_at: string }>(
    sql`select created_at from drizzle.__drizzle_migrations`,
  );
  return new Set(rows.map((row) => Number(row.created_at)));
}
