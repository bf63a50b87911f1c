import { asc } from "drizzle-orm";
import type { Database } from "./client.ts";
import { permissions } from "./schema.ts";

/** Rows of `permissions` as `[ptype, v0, …, v5]`, in a stable order. @param limit rows at most */
export async function loadRules(db: Database, limit: number): Promise<string[][]> {
  const { ptype, v0, v1, v2, v3, v4, v5 } = permissions;
  const rows = await db
    .select({ ptype, v0, v1, v2, v3, v4, v5 })
    .from(permissions)
    .orderBy(asc(permissions.id))
    .limit(limit);
  return rows.map((row) => [row.ptype, row.v0, row.v1, row.v2, row.v3, row.v4, row.v5]);
}
