import { sql } from "drizzle-orm";
import type { Database } from "./client.ts";

/** The database answers, but takes no writes: a standby, or a server set to read only. */
export class DatabaseReadOnly extends Error {
  override readonly name = "DatabaseReadOnly";
}

/**
 * Resolves when the database takes writes, as far as can be told without writing.
 * @throws {DatabaseReadOnly}, or what a failed query throws
 */
export async function requireWritable(db: Database): Promise<void> {
  const { rows } = await db.execute<{ mode: string }>(
    sql`select current_setting('transaction_read_only') as mode`,
  );
  if (rows[0]?.mode !== "off") throw new DatabaseReadOnly();
}
