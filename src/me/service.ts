import type { Principal } from "../auth/principal.ts";
import type { Deps } from "../deps.ts";
import type { Me } from "./schema.ts";

/** @throws {PermissionsUnavailable} when the rules are not at hand */
export async function describePrincipal(
  deps: Pick<Deps, "permissions">,
  principal: Principal,
): Promise<Me> {
  return {
    subject: principal.subject,
    name: principal.name ?? null,
    roles: [...principal.roles],
    expiresAt: new Date(principal.expiresAt * 1000).toISOString(),
    permissions: await deps.permissions.grantsOf(principal),
  };
}
