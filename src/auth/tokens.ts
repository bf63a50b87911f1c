import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from "jose";
import type { Principal } from "./principal.ts";

/** A token of ours is about 700 characters; nothing past this is parsed. */
const MAX_TOKEN_CHARACTERS = 8 * 1024;
const CLOCK_TOLERANCE_SECONDS = 30;
/** OpenID Connect Core 1.0, section 2: a subject has at most 255 characters. */
const MAX_SUBJECT_CHARACTERS = 255;
const MAX_NAME_CHARACTERS = 200;
/** The last second that a Date can hold (ECMA-262, 21.4.1.1). */
const MAX_TIME_SECONDS = 8_640_000_000_000;

/** What is wrong with a token, for the log; a caller learns only `invalid` or `expired`. */
export type TokenFlaw =
  | "too_long"
  | "malformed"
  | "algorithm_not_allowed"
  | "header_not_supported"
  | "unknown_key"
  | "ambiguous_key"
  | "bad_signature"
  | "expired"
  | "not_yet_valid"
  | "wrong_issuer"
  | "wrong_audience"
  | "claim_missing"
  | "claim_malformed";

/** `expired` is told apart because a client may renew its token; every other flaw is `invalid`. */
export type TokenVerdict =
  | { readonly ok: true; readonly principal: Principal }
  | { readonly ok: false; readonly reason: "invalid" | "expired"; readonly code: TokenFlaw };

/**
 * Verifies an ES256 JWT (RFC 7519, RFC 8725): algorithm pinned before any key is looked up, issuer,
 * audience, `exp`, `nbf` and `sub` required and checked with 30 s of tolerance. `typ` may be
 * anything: an ID token has another audience.
 * @throws what `keys` throws when no key can be had at all.
 */
export async function verifyToken(
  token: string,
  options: {
    keys: JWTVerifyGetKey;
    issuer: string;
    audience: string;
    rolesClaim: string;
    now?: () => number;
  },
): Promise<TokenVerdict> {
  if (token.length > MAX_TOKEN_CHARACTERS) return refuse("too_long");
  const { keys, issuer, audience, rolesClaim, now = Date.now } = options;
  try {
    const { payload } = await jwtVerify(token, keys, {
      algorithms: ["ES256"],
      issuer,
      audience,
      requiredClaims: ["sub", "exp", "nbf"],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      currentDate: new Date(now()),
    });
    const principal = toPrincipal(payload, rolesClaim);
    return principal ? { ok: true, principal } : refuse("claim_malformed");
  } catch (error) {
    const flaw = flawOf(error);
    if (flaw === undefined) throw error;
    return refuse(flaw);
  }
}

function refuse(code: TokenFlaw): TokenVerdict {
  return { ok: false, reason: code === "expired" ? "expired" : "invalid", code };
}

/** The one place that knows jose's codes. */
const FLAWS: Readonly<Record<string, TokenFlaw>> = {
  [errors.JOSEAlgNotAllowed.code]: "algorithm_not_allowed",
  // A `crit` header names an extension that must be understood (RFC 7515, 4.1.11); we know none.
  [errors.JOSENotSupported.code]: "header_not_supported",
  [errors.JWKSNoMatchingKey.code]: "unknown_key",
  [errors.JWKSMultipleMatchingKeys.code]: "ambiguous_key",
  [errors.JWSSignatureVerificationFailed.code]: "bad_signature",
  [errors.JWTExpired.code]: "expired",
  [errors.JWSInvalid.code]: "malformed",
  [errors.JWTInvalid.code]: "malformed",
};

const CLAIM_FLAWS: Readonly<Record<string, TokenFlaw>> = {
  iss: "wrong_issuer",
  aud: "wrong_audience",
  nbf: "not_yet_valid",
};

/** @returns `undefined` for what is not a verdict on the token */
function flawOf(error: unknown): TokenFlaw | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  const { code } = error;
  if (code === errors.JWTClaimValidationFailed.code) {
    const { claim, reason } = error as unknown as { claim: string; reason: string };
    if (reason === "missing") return "claim_missing";
    if (reason === "invalid") return "claim_malformed";
    return CLAIM_FLAWS[claim] ?? "claim_malformed";
  }
  return FLAWS[String(code)];
}

/** @returns `undefined` when a claim is not what the rest of the service may rely on */
function toPrincipal(payload: JWTPayload, rolesClaim: string): Principal | undefined {
  const { sub, exp, name } = payload as Record<string, unknown>;
  if (!isText(sub, MAX_SUBJECT_CHARACTERS)) return undefined;
  if (typeof exp !== "number" || exp > MAX_TIME_SECONDS) return undefined;
  return {
    subject: sub,
    name: isText(name, MAX_NAME_CHARACTERS) ? name : undefined,
    roles: rolesOf(payload[rolesClaim]),
    expiresAt: exp,
  };
}

/** Text that every store of ours can hold: not empty, no control characters, no lone surrogates. */
function isText(value: unknown, maxCharacters: number): value is string {
  return (
    typeof value === "string" &&
    value.length > 0 &&
    value.length <= maxCharacters &&
    !/[\p{Cc}\p{Cs}]/u.test(value)
  );
}

/**
 * Providers send a list, or one string with spaces (as RFC 8693 does for `scope`). Names that no rule
 * knows do no harm; how many there are is bounded by the token.
 */
function rolesOf(claim: unknown): readonly string[] {
  const names: readonly unknown[] =
    typeof claim === "string" ? claim.split(" ") : Array.isArray(claim) ? claim : [];
  return [...new Set(names.filter((name) => typeof name === "string" && name !== ""))] as string[];
}
