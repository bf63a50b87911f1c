import { and, asc, gte, inArray, isNull, lt, ne, type SQL, sql } from "drizzle-orm";
import { inquiries } from "../db/schema.ts";
import { smallestSnowflakeAgo } from "../db/snowflake.ts";
import type { Announced } from "../intake/sweep.ts";
import { toInquiry } from "./repository.ts";
import { announcementOf, arrivalKey } from "./submission.ts";

/** Neither spam nor in the bin, and not erased, which leaves no fingerprint. */
function isAnnounced(): SQL | undefined {
  return and(
    isNull(inquiries.deletedAt),
    sql`${inquiries.spamReasons} = '{}'::text[]`,
    ne(inquiries.contentHash, ""),
  );
}

/** Inquiries as they arrive, from strangers and from the desk. The time is in the id (ADR-0002). */
export const arrivals: Announced = {
  name: "inquiries",
  room: "inquiries",

  async recent(db, { olderThan, newerThan }, limit) {
    const rows = await db
      .select({ id: inquiries.id })
      .from(inquiries)
      .where(
        and(
          gte(inquiries.id, smallestSnowflakeAgo(newerThan)),
          lt(inquiries.id, smallestSnowflakeAgo(olderThan)),
          isAnnounced(),
        ),
      )
      .orderBy(asc(inquiries.id))
      .limit(limit);
    return rows.map(({ id }) => ({ id, key: arrivalKey(id) }));
  },

  async announcements(db, ids) {
    const rows = await db
      .select()
      .from(inquiries)
      .where(and(inArray(inquiries.id, [...ids]), isAnnounced()))
      .orderBy(asc(inquiries.id));
    return rows.map((row) => announcementOf(toInquiry(row)));
  },
};
