import { and, asc, eq, gte, inArray, isNull, lt, or, type SQL } from "drizzle-orm";
import { subscriberActivity, subscribers } from "../db/schema.ts";
import { smallestSnowflakeAgo } from "../db/snowflake.ts";
import type { Announced } from "../intake/sweep.ts";
import { SUBSCRIBER_COLUMNS } from "./subscriber.ts";
import { joinAnnouncement, joinKey } from "./subscription.ts";
import { leaveAnnouncement, leaveKey } from "./unsubscription.ts";

/** What subscribers did themselves, if it is still so: whoever changed it since has said that. */
function isAnnounced(): SQL | undefined {
  const { kind, actor, createdAt } = subscriberActivity;
  return and(
    isNull(actor),
    isNull(subscribers.deletedAt),
    or(
      and(
        eq(kind, "join"),
        eq(subscribers.status, "ACTIVE"),
        eq(subscribers.subscribedAt, createdAt),
      ),
      and(
        eq(kind, "leave"),
        eq(subscribers.status, "UNSUBSCRIBED"),
        eq(subscribers.unsubscribedAt, createdAt),
      ),
    ),
  );
}

/** Who joined and who left, by the trail; the time is in its ids (ADR-0002). */
export const movements: Announced = {
  name: "subscribers",
  room: "subscribers",

  async recent(db, { olderThan, newerThan }, limit) {
    const { id, subscriberId, kind, createdAt } = subscriberActivity;
    const rows = await db
      .select({ id, subscriberId, kind, createdAt })
      .from(subscriberActivity)
      .innerJoin(subscribers, eq(subscribers.id, subscriberId))
      .where(
        and(
          gte(id, smallestSnowflakeAgo(newerThan)),
          lt(id, smallestSnowflakeAgo(olderThan)),
          isAnnounced(),
        ),
      )
      .orderBy(asc(id))
      .limit(limit);
    return rows.map((row) => {
      const keyOf = row.kind === "join" ? joinKey : leaveKey;
      return { id: row.id, key: keyOf(row.subscriberId, row.createdAt.toISOString()) };
    });
  },

  async announcements(db, ids) {
    const { id, kind, createdAt, subscriberId } = subscriberActivity;
    const rows = await db
      .select({ kind, createdAt, subscriber: SUBSCRIBER_COLUMNS })
      .from(subscriberActivity)
      .innerJoin(subscribers, eq(subscribers.id, subscriberId))
      .where(and(inArray(id, [...ids]), isAnnounced()))
      .orderBy(asc(id));
    return rows.map((row) =>
      row.kind === "join"
        ? joinAnnouncement(row.subscriber)
        : leaveAnnouncement(row.subscriber, row.createdAt.toISOString()),
    );
  },
};
