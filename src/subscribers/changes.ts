import { and, desc, eq, inArray, isNotNull, isNull, lt, type SQL, sql } from "drizzle-orm";
import { type Assignment, type Attempt, type Change, changeRows } from "../db/change.ts";
import type { Database } from "../db/client.ts";
import { emailKey } from "../db/email-key.ts";
import { subscriberActivity, subscribers, suppressions } from "../db/schema.ts";
import { mintSnowflake } from "../db/snowflake.ts";
import type { SubscriberActivityEntry, SubscriberPatch } from "./desk-schema.ts";
import { SUBSCRIBER_COLUMNS, type SubscriberWithoutToken } from "./subscriber.ts";

/** The query alone, for a batch. @param options.deleted looks in the bin instead */
export function selectSubscriber(db: Database, id: string, { deleted }: { deleted: boolean }) {
  const binned = deleted ? isNotNull(subscribers.deletedAt) : isNull(subscribers.deletedAt);
  return db
    .select(SUBSCRIBER_COLUMNS)
    .from(subscribers)
    .where(and(eq(subscribers.id, id), binned));
}

/** A page of a subscriber's trail, newest first; `undefined` when there is no such subscriber. */
export async function listActivity(
  db: Database,
  subscriberId: string,
  options: { deleted: boolean; before: string | undefined; limit: number },
): Promise<SubscriberActivityEntry[] | undefined> {
  const { deleted, before, limit } = options;
  const [[subscriber], entries] = await db.batch([
    selectSubscriber(db, subscriberId, { deleted }),
    db
      .select()
      .from(subscriberActivity)
      .where(
        and(
          eq(subscriberActivity.subscriberId, subscriberId),
          before === undefined ? undefined : lt(subscriberActivity.id, before),
        ),
      )
      .orderBy(desc(subscriberActivity.id))
      .limit(limit),
  ]);
  return (
    subscriber &&
    entries.map(({ id, subscriberId, kind, actor, data, createdAt }) => ({
      id,
      subscriberId,
      kind,
      actor,
      ...(data as Pick<SubscriberActivityEntry, "changes" | "source" | "locale" | "consent">),
      createdAt: createdAt.toISOString(),
    }))
  );
}

/**
 * Applies a patch to a subscriber that is there and has one of the versions; the database's trigger
 * writes the trail. A patch that changes nothing leaves no trace, and one that would give it an address
 * that was erased changes nothing.
 * @param change.suppressionHashes of the new address
 * @throws a unique violation of `subscribers_email_key_unique` when another has the address
 */
export function patchSubscriber(
  db: Database,
  nodeId: number,
  {
    patch,
    suppressionHashes,
    ...change
  }: Change & {
    patch: SubscriberPatch;
    suppressionHashes: readonly string[];
  },
): Promise<Attempt<SubscriberWithoutToken>[]> {
  const { status, email, consent, ...texts } = patch;
  const assignments: Assignment[] = [];
  for (const [field, value] of Object.entries({ ...texts, status, email })) {
    if (value === undefined) continue;
    assignments.push([
      subscribers[field as keyof typeof texts | "status" | "email"],
      sql`${value}`,
    ]);
  }
  if (email !== undefined) assignments.push([subscribers.emailKey, sql`${emailKey(email)}`]);
  return changeRows(db, subscribers, {
    ...change,
    columns: SUBSCRIBER_COLUMNS,
    assignments,
    consequences: consequencesOf(nodeId, status, consent),
    when:
      email === undefined
        ? []
        : [
            sql`(${subscribers.emailKey} = ${emailKey(email)} OR NOT EXISTS (
              SELECT FROM ${suppressions}
              WHERE ${inArray(suppressions.emailHash, [...suppressionHashes])}))`,
          ],
  });
}

/** What else a change of status does, by the status it had. */
function consequencesOf(
  nodeId: number,
  status: SubscriberPatch["status"],
  consent: SubscriberPatch["consent"],
): Assignment[] {
  const { unsubscribedAt, unsubscribeToken, subscribedAt, spamReasons } = subscribers;
  const unless = (
    before: "ACTIVE" | "UNSUBSCRIBED",
    column: Assignment[0],
    value: SQL,
  ): Assignment => [
    column,
    sql`CASE WHEN ${subscribers.status} = ${before} THEN ${column} ELSE ${value} END`,
  ];
  if (status === undefined) return [];
  if (status === "UNSUBSCRIBED") return [unless("UNSUBSCRIBED", unsubscribedAt, sql`now()`)];
  return [
    unless("ACTIVE", unsubscribedAt, sql`NULL`),
    unless("ACTIVE", subscribedAt, sql`now()`),
    // Mails of before must not end what begins now.
    unless("ACTIVE", unsubscribeToken, mintSnowflake(nodeId)),
    unless("ACTIVE", spamReasons, sql`'{}'::text[]`),
    // Leaving takes consent back; a sign-up that was taken for spam still has it.
    unless(
      "ACTIVE",
      subscribers.consent,
      consent === undefined
        ? sql`CASE WHEN cardinality(${spamReasons}) > 0 THEN ${subscribers.consent} END`
        : sql`${JSON.stringify(consent)}::jsonb || jsonb_build_object('at',
            to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))`,
    ),
  ];
}
