import { createLocalJWKSet, type JWTVerifyGetKey } from "jose";

/** A key set of a large provider with certificates in it is some 30 KB. */
export const MAX_KEY_SET_BYTES = 128 * 1024;
/** Each accepted key is imported once; a provider that rotates shows two or three. */
const MAX_KEYS = 64;

/** What is kept of an EC P-256 public signing key (RFC 7518, 6.2.1): nothing that is not used. */
export interface PublicKey {
  readonly kty: "EC";
  readonly crv: "P-256";
  readonly x: string;
  readonly y: string;
  readonly kid?: string;
}

/** Keys that were accepted. */
export interface KeySet {
  readonly keys: readonly PublicKey[];
  readonly kids: ReadonlySet<string>;
  readonly resolve: JWTVerifyGetKey;
  /** When the provider was asked for them, milliseconds since 1970. */
  readonly fetchedAt: number;
}

/** One key set for all isolates of a data centre. Neither call fails: without it, each one fetches. */
export interface SharedKeys {
  read(): Promise<KeySet | undefined>;
  write(set: KeySet): Promise<void>;
}

/**
 * Reads a JWK Set (RFC 7517), whoever wrote it. Keys that cannot verify ES256 are left out: other
 * types and curves, other uses, points that are not on the curve, and keys published together with
 * their private part.
 * @returns `undefined` when it is no key set, or one without a single key of use
 */
export async function readKeySet(
  document: unknown,
  fetchedAt: number,
): Promise<KeySet | undefined> {
  const listed: unknown = isRecord(document) ? document["keys"] : undefined;
  if (!Array.isArray(listed)) return undefined;
  const candidates = listed
    .map(toSigningKey)
    .filter((key) => key !== undefined)
    .slice(0, MAX_KEYS);
  const importable = await Promise.all(candidates.map(isOnCurve));
  const keys = candidates.filter((_key, index) => importable[index]);
  if (keys.length === 0) return undefined;
  return {
    keys,
    kids: new Set(keys.map(({ kid }) => kid).filter((kid) => kid !== undefined)),
    resolve: createLocalJWKSet({ keys: keys.map((key) => ({ ...key })) }),
    fetchedAt,
  };
}

/** 32 bytes in base64url. */
const COORDINATE = /^[\w-]{43}$/;

function toSigningKey(jwk: unknown): PublicKey | undefined {
  if (!isRecord(jwk)) return undefined;
  const { kty, crv, x, y, d, kid, use, alg, key_ops: operations } = jwk;
  if (kty !== "EC" || crv !== "P-256" || d !== undefined) return undefined;
  if (use !== undefined && use !== "sig") return undefined;
  if (alg !== undefined && alg !== "ES256") return undefined;
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes("verify"))) {
    return undefined;
  }
  if (typeof x !== "string" || typeof y !== "string") return undefined;
  if (!COORDINATE.test(x) || !COORDINATE.test(y)) return undefined;
  if (kid !== undefined && typeof kid !== "string") return undefined;
  return { kty, crv, x, y, ...(kid !== undefined && { kid }) };
}

/** Found out now, because a key that fails at its first use would fail every request with it. */
async function isOnCurve({ kty, crv, x, y }: PublicKey): Promise<boolean> {
  const algorithm = { name: "ECDSA", namedCurve: "P-256" };
  try {
    await crypto.subtle.importKey("jwk", { kty, crv, x, y }, algorithm, false, ["verify"]);
    return true;
  } catch {
    return false;
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A body that is not what it should be. */
export class BadBody extends Error {
  override readonly name = "BadBody";
  readonly reason: "too_large" | "malformed";

  constructor(reason: "too_large" | "malformed") {
    super(reason);
    this.reason = reason;
  }
}

/** The JSON of a body of at most `maxBytes`, counted while reading. @throws {BadBody} */
export async function readJson(response: Response, maxBytes: number): Promise<unknown> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });
  let size = 0;
  let text = "";
  const reader = response.body?.getReader();
  for (;;) {
    const chunk = await reader?.read();
    if (reader === undefined || chunk === undefined || chunk.done) break;
    size += chunk.value.byteLength;
    if (size > maxBytes) {
      await reader.cancel();
      throw new BadBody("too_large");
    }
    text += decode(() => decoder.decode(chunk.value, { stream: true }));
  }
  return decode(() => JSON.parse(text + decoder.decode()));
}

function decode<T>(attempt: () => T): T {
  try {
    return attempt();
  } catch {
    throw new BadBody("malformed");
  }
}
