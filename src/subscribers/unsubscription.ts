import { eq, sql } from "drizzle-orm";
import { z } from "zod";
import { subscribers } from "../db/schema.ts";
import { isSnowflake } from "../db/snowflake.ts";
import type { Announcement, Command } from "../intake/command.ts";
import { SUBSCRIBER_COLUMNS, type SubscriberWithoutToken, toSubscriber } from "./subscriber.ts";
import { SUBSCRIBER_ORDER } from "./subscription.ts";

const payload = z.object({
  /** The Snowflake alone: its signature was checked, and without one it is good for nothing. */
  unsubscribeToken: z.string().refine(isSnowflake),
  /** A hash of the token: the same for every click on one link. */
  key: z.string(),
  /** RFC 3339 UTC: when it was clicked, also when it is stored later. */
  unsubscribedAt: z.string(),
});

export type UnsubscriptionPayload = z.output<typeof payload>;

/** Ends what a token stands for. A token that stands for nothing (any more) is no failure here. */
export const unsubscription: Command<UnsubscriptionPayload, { readonly known: boolean }> = {
  name: "subscriber.unsubscribe",
  version: 1,
  versions: { 1: payload },
  // Two clicks on one link are the same write, so there is nothing it could be confused with.
  conflict: "internal_error",
  hidden: ["unsubscribeToken"],

  keyOf({ key, unsubscribedAt }) {
    return { key, fingerprint: key, order: SUBSCRIBER_ORDER, at: Date.parse(unsubscribedAt) };
  },

  statements({ db }, { unsubscribeToken, unsubscribedAt }) {
    const { status, version, unsubscribedAt: leftAt, modifiedAt, modifiedBy } = subscribers;
    const leaves = sql`${status} = 'ACTIVE'`;
    const update = db
      .update(subscribers)
      .set({
        status: "UNSUBSCRIBED",
        unsubscribedAt: sql`case when ${leaves} then ${unsubscribedAt}::timestamptz else ${leftAt} end`,
        version: sql`${version} + (${leaves})::integer`,
        modifiedAt: sql`case when ${leaves} then now() else ${modifiedAt} end`,
        modifiedBy: sql`case when ${leaves} then null else ${modifiedBy} end`,
      })
      .where(eq(subscribers.unsubscribeToken, unsubscribeToken))
      .returning(SUBSCRIBER_COLUMNS);
    // A row in any case: that there is none must be said, not be missing.
    const updated = db.$with("updated").as(update);
    const answer = db
      .with(updated)
      .select()
      .from(sql`(values (true)) as asked (answered)`)
      .leftJoin(updated, sql`true`);
    return [answer];
  },

  settle(rows, { unsubscribedAt }) {
    const [answer] = rows as readonly { updated: SubscriberWithoutToken | null }[];
    if (answer?.updated === undefined) throw new TypeError("not an answer");
    const row = answer.updated ?? undefined;
    // Only this click has this time: it, or its repetition, is what ended the subscription.
    const left = row?.unsubscribedAt?.getTime() === Date.parse(unsubscribedAt);
    const announced = row !== undefined && left && row.deletedAt === null;
    return {
      kind: "stored",
      result: { known: row !== undefined },
      announcements: announced ? [announcementOf(row, unsubscribedAt)] : [],
    };
  },
};

function announcementOf(row: SubscriberWithoutToken, time: string): Announcement {
  return {
    room: "subscribers",
    event: {
      key: `subscriber.unsubscribed:${row.id}:${time}`,
      type: "subscriber.unsubscribed",
      time,
      data: toSubscriber(row),
    },
    message: "Subscriber SENT",
    about: { subscriberId: row.id },
  };
}
