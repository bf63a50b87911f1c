import type { Deps } from "../deps.ts";
import { Problem } from "../http/problem.ts";
import { contentHash } from "../intake/idempotency.ts";
import { readUnsubscribeToken } from "./unsubscribe-token.ts";
import { unsubscription } from "./unsubscription.ts";

/**
 * Ends the subscription that a signed token stands for, or keeps it safe that it has to be ended. As
 * often as one likes.
 * @throws {Problem} `invalid_token`, without a query when it was not signed by us; `intake_unavailable`
 */
export async function unsubscribe(
  deps: Pick<Deps, "intake" | "signer" | "now">,
  token: string,
): Promise<"UNSUBSCRIBED" | "QUEUED"> {
  const unsubscribeToken = await readUnsubscribeToken(deps.signer, token);
  if (unsubscribeToken === undefined) throw new Problem("invalid_token");
  const accepted = await deps.intake.accept(unsubscription, {
    unsubscribeToken,
    key: await contentHash(["unsubscribe", unsubscribeToken]),
    unsubscribedAt: deps.now().toISOString(),
  });
  if (accepted.kind === "queued") return "QUEUED";
  if (!accepted.result.known) throw new Problem("invalid_token");
  return "UNSUBSCRIBED";
}
