import type { Permissions } from "../auth/permissions.ts";
import type { Principal } from "../auth/principal.ts";
import { Problem } from "./problem.ts";

/** @throws {Problem} `forbidden` */
export async function requirePermission(
  permissions: Permissions,
  principal: Principal,
  object: string,
  action: string,
): Promise<void> {
  if (!(await permissions.allows(principal, object, action))) throw new Problem("forbidden");
}
