import { createMiddleware } from "hono/factory";
import type { Permissions } from "../../auth/permissions.ts";
import type { Principal } from "../../auth/principal.ts";
import type { TokenVerdict } from "../../auth/tokens.ts";
import type { Logger } from "../../telemetry/logger.ts";
import { requirePermission } from "../permission.ts";
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

/** Requires that one of the principal's roles may do `action` to `object`. After `authenticate`. */
export function authorize(object: string, action: string) {
  return createMiddleware<AuthEnv>(async function authorize(c, next) {
    await requirePermission(c.var.deps.permissions, c.var.principal, object, action);
    await next();
  });
}

function unauthenticated(challenge: string): Problem {
  return new Problem("unauthenticated", { headers: { "www-authenticate": challenge } });
}
