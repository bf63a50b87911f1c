import { eq } from "drizzle-orm";
import type { Database } from "./client.ts";
import { permissions } from "./schema.ts";

/** All Casbin `p` rules as `[role, object, action]`. */
export async function loadRules(db: Database): Promise<string[][]> {
  const rows = await db.select().from(permissions).where(eq(permissions.ptype, "p"));
  return rows.map(({ v0, v1, v2 }) => [v0, v1, v2]);
}
