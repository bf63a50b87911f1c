import type { Deps } from "../deps.ts";
import { type Content, type ContentReason, contentReasons } from "./spam-content.ts";
import type { SpamFields } from "./spam-fields.ts";
import { readStamp, type StampVerdict } from "./spam-stamp.ts";
import type { TurnstileVerdict } from "./spam-turnstile.ts";

/** Stored with the row and shown at the desk. Stable. */
export type SpamReason =
  | "honeypot"
  | "stamp_invalid"
  | "stamp_expired"
  | "filled_too_fast"
  | ContentReason
  | "turnstile_missing"
  | "turnstile_failed";

const OF_STAMP: Readonly<Record<StampVerdict, SpamReason | undefined>> = {
  good: undefined,
  invalid: "stamp_invalid",
  expired: "stamp_expired",
  too_young: "filled_too_fast",
};

const OF_TURNSTILE: Readonly<Record<TurnstileVerdict, SpamReason | undefined>> = {
  passed: undefined,
  missing: "turnstile_missing",
  failed: "turnstile_failed",
  unavailable: undefined,
};

/** Why a write looks like spam, and whether Turnstile could be asked where it had to be. */
export interface SpamVerdict {
  readonly reasons: readonly SpamReason[];
  readonly unverified: boolean;
}

/**
 * Judges a public write. Every check is made, also after the first hit: the desk sees all reasons,
 * and the time it takes tells a sender nothing. Nothing is refused here; a hit is only filed apart.
 * @param origin.submission what identifies the submission, for Turnstile's idempotency
 */
export async function judgeSpam(
  deps: Pick<Deps, "config" | "signer" | "turnstile" | "now">,
  fields: SpamFields,
  content: Content,
  origin: { submission: string; address: string | undefined },
): Promise<SpamVerdict> {
  const stampVerdict = async (): Promise<StampVerdict> =>
    fields.stamp === undefined ? "good" : readStamp(deps.signer, fields.stamp, deps.now());
  const turnstileVerdict = async (): Promise<TurnstileVerdict> =>
    deps.turnstile === undefined ? "passed" : deps.turnstile.verify(fields.turnstileToken, origin);
  const [stamp, turnstile] = await Promise.all([stampVerdict(), turnstileVerdict()]);
  const reasons = [
    fields.honeypot ? ("honeypot" as const) : undefined,
    OF_STAMP[stamp],
    ...contentReasons(content, deps.config.blockedDomains),
    OF_TURNSTILE[turnstile],
  ];
  return {
    reasons: reasons.filter((reason) => reason !== undefined),
    unverified: turnstile === "unavailable",
  };
}
