import { createMiddleware } from "hono/factory";
import type { Permissions } from "../../auth/permissions.ts";
import type { Principal } from "../../auth/principal.ts";
import type { TokenVerdict } from "../../auth/tokens.ts";
import type { Logger } from "../../telemetry/logger.ts";
import { Problem } from "../problem.ts";

export interface PrincipalVariables {
  principal: Principal;
}

export interface AuthEnv {
  Variables: PrincipalVariables & {
    deps: {
      readonly log: Logger;
      readonly permissions: Permissions;
      verifyToken(token: string): Promise<TokenVerdict>;
    };
  };
}

/** `Authorization: Bearer <token>` (RFC 6750). */
export function bearerToken(request: Request): string | undefined {
  return request.headers.get("authorization")?.match(/^Bearer +([\w.~+/-]+=*) *$/i)?.[1];
}

/** Requires a valid token and sets `principal`. @param tokenOf where the token is found */
export function authenticate(tokenOf: (request: Request) => string | undefined = bearerToken) {
  return createMiddleware<AuthEnv>(async function authenticate(c, next) {
    const token = tokenOf(c.req.raw);
    if (token === undefined) throw unauthenticated("Bearer");
    const verdict = await c.var.deps.verifyToken(token);
    if (!verdict.ok) {
      c.var.deps.log.info("token refused", { code: verdict.code });
      throw unauthenticated(
        `Bearer error="invalid_token", error_description="The token is ${verdict.reason}"`,
      );
    }
    c.set("principal", verdict.principal);
    await next();
  });
}

/** Requires that the principal may do one of `actions` to `object`. After `authenticate`. */
export function authorize(object: string, ...actions: readonly string[]) {
  return createMiddleware<AuthEnv>(async function authorize(c, next) {
    const { deps, principal } = c.var;
    const decisions = actions.map((action) => deps.permissions.allows(principal, object, action));
    if (!(await Promise.all(decisions)).includes(true)) throw new Problem("forbidden");
    await next();
  });
}

function unauthenticated(challenge: string): Problem {
  return new Problem("unauthenticated", { headers: { "www-authenticate": challenge } });
}
