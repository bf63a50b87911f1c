import { emailKey } from "../db/email-key.ts";
import type { Deps } from "../deps.ts";
import { contentHash } from "../intake/idempotency.ts";
import type { NewSubscription } from "./subscribe-schema.ts";
import { subscription as subscriptionCommand } from "./subscription.ts";

/** What the edge knows about a sign-up besides what was typed. */
export interface SubscriptionOrigin {
  readonly idempotencyKey: string | undefined;
  /** Why it looks like spam; then it makes nobody ACTIVE and is not announced. */
  readonly spamReasons: readonly string[];
}

/**
 * Accepts a sign-up, whatever the address is: stored, or kept safe until it can be.
 * @returns whether the same sign-up had been accepted before under its key, which only its sender knows
 * @throws {Problem} `idempotency_key_reused`, `intake_unavailable`
 */
export async function subscribe(
  deps: Pick<Deps, "intake" | "metrics" | "now">,
  subscription: NewSubscription,
  { idempotencyKey, spamReasons }: SubscriptionOrigin,
): Promise<{ readonly replayed: boolean }> {
  const count = (outcome: "stored" | "spam" | "queued" | "replayed") =>
    deps.metrics.count("outreach_subscriptions_total", { outcome });
  const { email, name, source, locale, consent } = subscription;
  const at = deps.now().toISOString();
  const accepted = await deps.intake.accept(subscriptionCommand, {
    ...subscription,
    emailKey: emailKey(email),
    consent: { at, ...consent },
    spamReasons: [...spamReasons],
    submissionKey: idempotencyKey,
    contentHash: await contentHash([email, name, source, locale, consent]),
    subscribedAt: at,
  });
  const replayed = accepted.kind === "queued" ? accepted.replayed : accepted.result.replayed;
  const first = accepted.kind === "queued" ? "queued" : spamReasons.length > 0 ? "spam" : "stored";
  count(replayed ? "replayed" : first);
  // Without a key nothing is remembered: a spool that knows a double click must not say so either.
  return { replayed: replayed && idempotencyKey !== undefined };
}
