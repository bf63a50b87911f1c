import { createMiddleware } from "hono/factory";
import { type Permissions, PermissionsUnavailable } from "../../auth/permissions.ts";
import { Problem } from "../problem.ts";
import type { PrincipalVariables } from "./authenticate.ts";

export interface AuthEnv {
  Variables: PrincipalVariables & { deps: { readonly permissions: Permissions } };
}

/** Requires that the principal may do at least one of `actions` to `object`. After `authenticate`. */
export function authorizeAny(object: string, actions: readonly string[]) {
  return createMiddleware<AuthEnv>(async function authorizeAny(c, next) {
    const { deps, principal } = c.var;
    const decisions = actions.map((action) => deps.permissions.allows(principal, object, action));
    const allowed = await Promise.all(decisions).catch((error) => {
      if (error instanceof PermissionsUnavailable) throw new Problem("permissions_unavailable");
      throw error;
    });
    if (!allowed.includes(true)) throw new Problem("forbidden");
    await next();
  });
}
