import { Problem } from "../http/problem.ts";

/** Two identical submissions within this time are one: a double click, a nervous reload. */
export const WINDOW_MS = 10 * 60_000;

/** Keys we make begin with this; a caller's may not, so the two never meet. */
const CONTENT_KEY_PREFIX = "content.";

/** So close to the border of two windows, the twin of a submission may still be under way. */
const BORDER_MS = 5_000;

/**
 * The caller's `Idempotency-Key`, quoted (RFC 9651 string) or bare, 1 to 128 printable ASCII characters.
 * @throws {Problem} `invalid_idempotency_key`
 */
export function readIdempotencyKey(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const key = header.trim().replace(/^"(.*)"$/, "$1");
  const valid = /^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/.test(key);
  if (!valid || key.startsWith(CONTENT_KEY_PREFIX)) throw new Problem("invalid_idempotency_key");
  return key;
}

/**
 * SHA-256 of what was submitted, in base64url. @param content values in a fixed order
 */
export async function contentHash(content: readonly unknown[]): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(content));
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return new Uint8Array(digest).toBase64({ alphabet: "base64url", omitPadding: true });
}

/** What identifies a submission that came without a key. */
export interface ContentKeys {
  /** Its content within a window of ten minutes. */
  readonly key: string;
  /** The same content in the windows beside it: the same if less than ten minutes lie between. */
  readonly neighbours: string[];
  /** Its twin may be under way in the other window, where the unique index would not see it. */
  readonly nearBorder: boolean;
}

/**
 * The keys of a submission that came without one. Windows have borders and double clicks do not care:
 * hence the neighbours, and `nearBorder`.
 * @param fingerprint the `contentHash` of everything that was typed, so that a corrected phone number
 *   makes another submission and not a conflict
 */
export function contentKeys(fingerprint: string, now: Date): ContentKeys {
  const window = Math.floor(now.getTime() / WINDOW_MS);
  const intoWindow = now.getTime() % WINDOW_MS;
  const keyIn = (which: number) => `${CONTENT_KEY_PREFIX}${which}.${fingerprint}`;
  return {
    key: keyIn(window),
    // The one after it as well: of two that are sent at once, the later may be the first to arrive.
    neighbours: [keyIn(window - 1), keyIn(window + 1)],
    nearBorder: intoWindow < BORDER_MS || intoWindow >= WINDOW_MS - BORDER_MS,
  };
}
