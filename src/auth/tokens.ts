import { errors, type JWTVerifyGetKey, jwtVerify } from "jose";
import type { Principal } from "./principal.ts";

const CLOCK_TOLERANCE_SECONDS = 30;

/** `expired` is told apart because a client may renew its token; every other flaw is `invalid`. */
export type TokenVerdict =
  | { readonly ok: true; readonly principal: Principal }
  | { readonly ok: false; readonly reason: "invalid" | "expired"; readonly code: string };

/**
 * Verifies an ES256 JWT (RFC 7519, RFC 8725): algorithm pinned before any key is looked up, issuer,
 * audience, `exp`, `nbf` and `sub` checked with 30 s of tolerance.
 * @throws what `keys` throws when no key can be had at all.
 */
export async function verifyToken(
  token: string,
  options: { keys: JWTVerifyGetKey; issuer: string; audience: string; rolesClaim: string },
): Promise<TokenVerdict> {
  try {
    const { payload } = await jwtVerify(token, options.keys, {
      algorithms: ["ES256"],
      issuer: options.issuer,
      audience: options.audience,
      requiredClaims: ["sub", "exp", "nbf"],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
    });
    // The library checks that `sub` is there, not that it is a string.
    if (typeof payload.sub !== "string" || payload.sub === "")
      return { ok: false, reason: "invalid", code: "ERR_JWT_SUB_EMPTY" };
    return {
      ok: true,
      principal: {
        subject: payload.sub,
        name: typeof payload["name"] === "string" ? payload["name"] : undefined,
        roles: rolesOf(payload[options.rolesClaim]),
        expiresAt: payload.exp ?? 0,
      },
    };
  } catch (error) {
    if (!(error instanceof errors.JOSEError)) throw error;
    const reason = error instanceof errors.JWTExpired ? "expired" : "invalid";
    return { ok: false, reason, code: error.code };
  }
}

/** Providers send a list, or one string with spaces (as RFC 8693 does for `scope`). */
function rolesOf(claim: unknown): readonly string[] {
  if (typeof claim === "string") return claim.split(" ").filter((role) => role !== "");
  if (!Array.isArray(claim)) return [];
  return claim.filter((role): role is string => typeof role === "string");
}
