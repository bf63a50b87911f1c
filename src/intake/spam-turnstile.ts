import type { Breaker } from "../breaker.ts";
import type { Logger } from "../telemetry/logger.ts";

/** https://developers.cloudflare.com/turnstile/get-started/server-side-validation/ */
const SITEVERIFY = "https://challenges.cloudflare.com/turnstile/v0/siteverify";
const BUDGET_MS = 1_500;
const MAX_TOKEN_LENGTH = 2048;

/** Codes that speak of the token. Any other one is about us or about Turnstile itself. */
const TOKEN_ERRORS: ReadonlySet<string> = new Set([
  "missing-input-response",
  "invalid-input-response",
  "timeout-or-duplicate",
]);

/** `unavailable`: nobody could tell. That closes no door, it only makes it narrower. */
export type TurnstileVerdict = "passed" | "failed" | "missing" | "unavailable";

export interface Turnstile {
  /**
   * @param options.submission what identifies the submission; a token is good for one of them, as
   *   often as that one is repeated
   * @param options.address of the visitor, when known
   */
  verify(
    token: string | undefined,
    options: { submission: string; address: string | undefined },
  ): Promise<TurnstileVerdict>;
}

/** @param options.verifyUrl another endpoint that speaks siteverify's protocol, for tests */
export function createTurnstile(options: {
  secret: string;
  verifyUrl: string | undefined;
  breaker: Breaker;
  requestId: string;
  log: Logger;
  /** Told of every call that brought no judgement. */
  failed?: () => void;
}): Turnstile {
  const { secret, verifyUrl = SITEVERIFY, breaker, requestId, log, failed } = options;

  async function ask(body: Record<string, string | undefined>): Promise<TurnstileVerdict> {
    const response = await fetch(verifyUrl, {
      method: "POST",
      headers: { "content-type": "application/json", "x-request-id": requestId },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(BUDGET_MS),
    });
    const answer = (await response.json()) as { success?: unknown; "error-codes"?: unknown };
    if (answer.success === true) return "passed";
    const codes: unknown[] = Array.isArray(answer["error-codes"]) ? answer["error-codes"] : [];
    if (codes.some((code) => TOKEN_ERRORS.has(String(code)))) return "failed";
    throw new TurnstileError(codes.map(String));
  }

  return {
    async verify(token, { submission, address }) {
      if (token === undefined) return "missing";
      if (token.length > MAX_TOKEN_LENGTH) return "failed";
      if (!breaker.allows()) return "unavailable";
      try {
        const verdict = await ask({
          secret,
          response: token,
          remoteip: address,
          idempotency_key: await uuidOf(`${submission}\0${token}`),
        });
        breaker.succeeded();
        return verdict;
      } catch (error) {
        breaker.failed();
        failed?.();
        const codes = error instanceof TurnstileError ? error.codes : undefined;
        log.warn("turnstile failed", { error: Object(error).name, codes, open: breaker.open });
        return "unavailable";
      }
    },
  };
}

class TurnstileError extends Error {
  override readonly name = "TurnstileError";
  readonly codes: readonly string[];

  constructor(codes: readonly string[]) {
    super("siteverify did not judge the token");
    this.codes = codes;
  }
}

/**
 * A UUID (RFC 9562, version 8) that the same text always has: siteverify answers the same call
 * again under the same key, and refuses the token under any other.
 */
async function uuidOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  const bytes = new Uint8Array(digest).slice(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toHex().replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
