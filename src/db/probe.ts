import { sql } from "drizzle-orm";
import type { Database } from "./client.ts";

/** Whether the database takes writes, as far as can be told without writing: a standby does not. */
export async function isWritable(db: Database): Promise<boolean> {
  const { rows } = await db.execute<{ mode: string }>(
    sql`select current_setting('transaction_read_only') as mode`,
  );
  return rows[0]?.mode === "off";
}
