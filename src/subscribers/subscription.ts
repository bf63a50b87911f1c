import { type SQL, sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import { z } from "zod";
import { subscribers } from "../db/schema.ts";
import { mintSnowflake } from "../db/snowflake.ts";
import type { Announcement, Command, CommandContext } from "../intake/command.ts";
import { SUBSCRIBER_COLUMNS, type SubscriberWithoutToken, toSubscriber } from "./subscriber.ts";

/**
 * Joining and leaving wait in one line: which address a token belongs to only Postgres knows, and who
 * leaves and comes back must not be stored the other way round.
 */
export const SUBSCRIBER_ORDER = "subscribers";

const payload = z.object({
  email: z.string(),
  emailKey: z.string(),
  name: z.string().optional(),
  source: z.string().optional(),
  locale: z.string().optional(),
  consent: z.object({
    at: z.string(),
    page: z.string().optional(),
    wording: z.string().optional(),
  }),
  /** Why it looks like spam; then it makes nobody ACTIVE. */
  spamReasons: z.array(z.string()),
  /** Only with an `Idempotency-Key`. */
  submissionKey: z.string().optional(),
  contentHash: z.string(),
  /** RFC 3339 UTC: when the visitor sent it, also when it is stored later. */
  subscribedAt: z.string(),
});

/** A sign-up with everything the edge knows about it, as plain JSON. */
export type SubscriptionPayload = z.output<typeof payload>;

/** Makes an address ACTIVE, once, however often it is done. */
export const subscription: Command<SubscriptionPayload, { readonly replayed: boolean }> = {
  name: "subscriber.subscribe",
  version: 1,
  versions: { 1: payload },
  conflict: "idempotency_key_reused",
  conflictConstraint: "subscribers_submission_key_unique",

  keyOf({ submissionKey, contentHash, subscribedAt }) {
    const at = Date.parse(subscribedAt);
    const key = submissionKey ?? `${contentHash}.${at}`;
    return { key, fingerprint: contentHash, order: SUBSCRIBER_ORDER, at };
  },

  statements: subscriptionStatements,

  settle(rows, payload) {
    const row = rows[0] as SubscriberWithoutToken | undefined;
    if (row?.emailKey !== payload.emailKey) throw new TypeError("not an answer to this sign-up");
    const used = payload.submissionKey === undefined ? [] : (row.contentHash?.split("@") ?? []);
    const [fingerprint = payload.contentHash, firstUse = ""] = used;
    if (fingerprint !== payload.contentHash) return { kind: "conflict" };
    const at = Date.parse(payload.subscribedAt);
    const replayed = firstUse !== "" && Number(firstUse) !== at;
    // Only this sign-up has this time: it, or its repetition, is what made the row ACTIVE.
    const joined =
      row.status === "ACTIVE" && row.deletedAt === null && row.subscribedAt.getTime() === at;
    return {
      kind: "stored",
      result: { replayed },
      announcements: joined ? [announcementOf(row)] : [],
    };
  },
};

/**
 * Stores a sign-up or finds the address: one statement, one round trip. An ACTIVE address stays as it
 * is. One that had left, is held back as spam or lies in the bin becomes ACTIVE with a token of its
 * own, unless that happened after this was sent. The key of the latest sign-up is kept beside the
 * fingerprint and the time of its first use; the same key again changes nothing.
 */
function subscriptionStatements({ db, nodeId }: CommandContext, payload: SubscriptionPayload) {
  const { contentHash, submissionKey, spamReasons } = payload;
  const subscribedAt = new Date(payload.subscribedAt);
  const insert = db
    .insert(subscribers)
    .values({
      ...payload,
      id: mintSnowflake(nodeId),
      unsubscribeToken: mintSnowflake(nodeId),
      status: spamReasons.length > 0 ? "UNSUBSCRIBED" : "ACTIVE",
      submissionKey,
      contentHash:
        submissionKey === undefined ? undefined : `${contentHash}@${subscribedAt.getTime()}`,
      subscribedAt,
    })
    .onConflictDoUpdate({ target: subscribers.emailKey, set: changes() })
    .returning(SUBSCRIBER_COLUMNS);
  return [insert] as const;
}

const excluded = (column: PgColumn) => sql`excluded.${sql.identifier(column.name)}`;

function changes() {
  const { submissionKey, contentHash, name, version, modifiedAt, modifiedBy } = subscribers;
  const sameKey = sql`coalesce(${submissionKey} = ${excluded(submissionKey)}, false)`;
  const comesBack = sql`(
    not ${sameKey} and ${excluded(subscribers.status)} = 'ACTIVE'
    and (${subscribers.status} <> 'ACTIVE' or ${subscribers.deletedAt} is not null)
    and ${excluded(subscribers.subscribedAt)} > coalesce(
      greatest(${subscribers.unsubscribedAt}, ${subscribers.deletedAt}), '-infinity')
  )`;
  const ifBack = (then: SQL, otherwise: PgColumn) =>
    sql`case when ${comesBack} then ${then} else ${otherwise} end`;
  const asSent = (column: PgColumn) => ifBack(excluded(column), column);
  const nothing = (column: PgColumn) => ifBack(sql`null`, column);
  const ifNewKey = (column: PgColumn) =>
    sql`case when ${sameKey} then ${column} else coalesce(${excluded(column)}, ${column}) end`;
  return {
    status: asSent(subscribers.status),
    email: asSent(subscribers.email),
    name: ifBack(sql`coalesce(${excluded(name)}, ${name})`, name),
    unsubscribeToken: asSent(subscribers.unsubscribeToken),
    source: asSent(subscribers.source),
    locale: asSent(subscribers.locale),
    consent: asSent(subscribers.consent),
    spamReasons: asSent(subscribers.spamReasons),
    submissionKey: ifNewKey(submissionKey),
    contentHash: ifNewKey(contentHash),
    version: sql`${version} + ${comesBack}::integer`,
    subscribedAt: asSent(subscribers.subscribedAt),
    unsubscribedAt: nothing(subscribers.unsubscribedAt),
    modifiedAt: ifBack(sql`now()`, modifiedAt),
    modifiedBy: nothing(modifiedBy),
    deletedAt: nothing(subscribers.deletedAt),
    deletedBy: nothing(subscribers.deletedBy),
  };
}

function announcementOf(row: SubscriberWithoutToken): Announcement {
  const subscriber = toSubscriber(row);
  const { id, subscribedAt } = subscriber;
  return {
    room: "subscribers",
    event: {
      key: `subscriber.subscribed:${id}:${subscribedAt}`,
      type: "subscriber.subscribed",
      time: subscribedAt,
      data: subscriber,
    },
    message: "Subscriber SENT",
    about: { subscriberId: id },
  };
}
