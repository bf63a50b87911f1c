import { sql } from "drizzle-orm";
import type { Principal } from "../auth/principal.ts";
import { binRows } from "../db/change.ts";
import { emailKey } from "../db/email-key.ts";
import { databaseFailure } from "../db/errors.ts";
import { subscribers } from "../db/schema.ts";
import type { Deps } from "../deps.ts";
import { refuseStale, type Target } from "../http/etag.ts";
import { Problem } from "../http/problem.ts";
import { addSubscribers, hashesOfErased, type NewSubscriber, type Outcome } from "./add.ts";
import { announceSubscriber } from "./announce.ts";
import { patchSubscriber as applyPatch, selectSubscriber } from "./changes.ts";
import type { SubscriberEntry, SubscriberPatch } from "./desk-schema.ts";
import { SUBSCRIBER_COLUMNS, type SubscriberWithoutToken, toSubscriber } from "./subscriber.ts";
import type { Subscriber } from "./subscriber-schema.ts";

type Writing = Pick<Deps, "db" | "config" | "signer" | "publish" | "now">;

/**
 * Puts on the list whom staff enter.
 * @throws {Problem} `subscriber_active`, `subscriber_unsubscribed`, `subscriber_in_bin`,
 *   `subscriber_erased`: nobody is brought back like this
 */
export async function enterSubscriber(
  deps: Writing,
  { subject }: Principal,
  { consent, ...entry }: SubscriberEntry,
): Promise<Subscriber> {
  const now = deps.now().toISOString();
  const added = await tryAddress(deps, subject, entry.email, {
    ...entry,
    consent: consent && { at: now, ...consent },
    subscribedAt: now,
  });
  if (added.outcome !== "added") throw refusal(added);
  const [row] = await selectSubscriber(deps.db, added.id ?? "", { deleted: false });
  if (row === undefined) throw new Problem("subscriber_not_found");
  const subscriber = toSubscriber(row);
  announceSubscriber(deps, "subscriber.subscribed", subscriber);
  return subscriber;
}

/**
 * Merges a patch into a subscriber.
 * @throws {Problem} `subscriber_not_found`, `stale_version`, and where the address is another's or was
 *   erased those of `enterSubscriber`
 */
export async function patchSubscriber(
  deps: Writing,
  { subject }: Principal,
  { id, versions }: Target,
  patch: SubscriberPatch,
): Promise<Subscriber> {
  const { db, config } = deps;
  const { email } = patch;
  const key = email === undefined ? undefined : emailKey(email);
  const suppressionHashes = key === undefined ? [] : await hashesOfErased(deps, key);
  const change = { ids: [id], versions, actor: subject, patch, suppressionHashes };
  const [attempt] = await applyPatch(db, config.nodeId, change).catch(async (error: unknown) => {
    const failure = databaseFailure(error);
    const taken =
      failure?.kind === "refused" && failure.constraint === "subscribers_email_key_unique";
    if (!taken || email === undefined) throw error;
    throw refusal(await tryAddress(deps, subject, email));
  });
  if (attempt === undefined) throw new Problem("subscriber_not_found");
  const { row, changed, statusBefore } = attempt;
  refuseStale(versions, { changed, version: row.version });
  const subscriber = toSubscriber(row);
  if (changed) {
    const type =
      row.status === statusBefore
        ? "subscriber.updated"
        : row.status === "ACTIVE"
          ? "subscriber.subscribed"
          : "subscriber.unsubscribed";
    announceSubscriber(deps, type, subscriber);
  } else if (key !== undefined && row.emailKey !== key) {
    throw new Problem("subscriber_erased");
  }
  return subscriber;
}

/** Puts a subscriber in the bin; a second time changes nothing. @throws like `patchSubscriber` */
export async function deleteSubscriber(deps: Writing, principal: Principal, target: Target) {
  await bin(deps, principal, target, true);
}

/**
 * Takes a subscriber out of the bin, with the status it had; one that is not there stays as it is.
 * @throws like `patchSubscriber`; `subscriber_erased` for one of whom nothing is left
 */
export async function restoreSubscriber(
  deps: Writing,
  principal: Principal,
  target: Target,
): Promise<Subscriber> {
  const row = await bin(deps, principal, target, false);
  if (row.deletedAt !== null) throw new Problem("subscriber_erased");
  return toSubscriber(row);
}

async function bin(
  deps: Writing,
  { subject }: Principal,
  { id, versions }: Target,
  deleted: boolean,
): Promise<SubscriberWithoutToken> {
  const [attempt] = await binRows(deps.db, subscribers, {
    columns: SUBSCRIBER_COLUMNS,
    ids: [id],
    versions,
    actor: subject,
    deleted,
    when: [sql`${subscribers.emailKey} IS NOT NULL`],
  });
  if (attempt === undefined) throw new Problem("subscriber_not_found");
  const { row, changed } = attempt;
  refuseStale(versions, { changed, version: row.version });
  const type = deleted ? "subscriber.deleted" : "subscriber.restored";
  if (changed) announceSubscriber(deps, type, toSubscriber(row));
  return row;
}

/** Adds somebody, or finds out why that cannot be. @param others absent: only finds out */
async function tryAddress(
  deps: Writing,
  actor: string,
  email: string,
  others?: Omit<NewSubscriber, "line" | "email" | "emailKey" | "suppressionHashes">,
): Promise<Outcome> {
  const key = emailKey(email);
  const person = {
    subscribedAt: deps.now().toISOString(),
    ...others,
    line: 1,
    email,
    emailKey: key,
    suppressionHashes: await hashesOfErased(deps, key),
  };
  const { nodeId } = deps.config;
  const dryRun = others === undefined;
  const [outcome] = await addSubscribers(deps.db, { nodeId, actor, people: [person], dryRun });
  if (outcome === undefined) throw new Error("no outcome for a line");
  return outcome;
}

/** Why an address cannot be taken; whose it was may have changed meanwhile. */
function refusal({ outcome, id }: Outcome): Problem {
  return new Problem(outcome === "added" ? "subscriber_active" : outcome, {
    ...(id !== null && { extensions: { subscriberId: id } }),
  });
}
