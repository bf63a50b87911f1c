import { inArray, or, sql } from "drizzle-orm";
import { subscriberActivity, subscribers } from "../db/schema.ts";
import { mintSnowflake } from "../db/snowflake.ts";
import { changesWithout, correctedAddress } from "./addresses.ts";
import type { Holder, Subject } from "./holder.ts";

const corrected = correctedAddress(subscriberActivity.data);

/** The subscriber with the address. */
const theirs = ({ emails }: Subject) => inArray(subscribers.emailKey, [...emails]);

const related = (subject: Subject) =>
  or(
    theirs(subject),
    sql`${subscribers.id} IN (
      SELECT subscriber_id FROM ${subscriberActivity} WHERE ${corrected.wasTheirs(subject)})`,
  );

/** Subscribers in the bin are held like any other. No report holds a token: a link is no data. */
export const subscriberHolder: Holder = {
  name: "subscribers",
  event: { room: "subscribers", type: "subscriber.erased", about: "subscriberId" },

  count: (subject) => sql`SELECT count(*) AS n FROM ${subscribers} WHERE ${related(subject)}`,

  report: (subject) => sql`
    SELECT (to_jsonb(${subscribers}) - 'unsubscribe_token' || jsonb_build_object(
      'id', ${subscribers.id}::text,
      'activity', (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
          'kind', kind, 'actor', actor, 'data', data, 'created_at', created_at
        ) ORDER BY ${subscriberActivity.id}), '[]')
        FROM ${subscriberActivity} WHERE subscriber_id = ${subscribers.id}
      )
    )) AS held
    FROM ${subscribers} WHERE ${related(subject)}
    ORDER BY ${subscribers.id}`,

  logReport: (subject) => sql`
    INSERT INTO ${subscriberActivity} (id, subscriber_id, kind, actor)
    SELECT ${mintSnowflake(subject.nodeId)}, id, 'report', ${subject.actor}
    FROM ${subscribers} WHERE ${related(subject)}`,

  erase: (subject) => [
    // In the order of ids, like every change of several: two of them cannot lock each other out.
    sql`SELECT id FROM ${subscribers} WHERE ${related(subject)} ORDER BY id FOR UPDATE`,
    sql`UPDATE ${subscriberActivity} SET data = CASE
        WHEN data ? 'changes' THEN ${changesWithout(subscriberActivity.data, ["email", "name", "locale"])}
        ELSE data - 'locale' - 'consent'
      END
      WHERE subscriber_id IN (SELECT id FROM ${subscribers} WHERE ${theirs(subject)})`,
    // Where the address was corrected, only that it had been this one goes: the subscriber is another.
    sql`UPDATE ${subscriberActivity}
      SET data = data #- '{changes,email}'
      WHERE subscriber_id IN (
          SELECT subscriber_id FROM ${subscriberActivity} WHERE ${corrected.wasTheirs(subject)})
        AND ${corrected.names(subject)}`,
    // The trigger logs the erasure. No link leads to what remains.
    sql`UPDATE ${subscribers} SET
        email = NULL, email_key = NULL, name = NULL, locale = NULL, consent = NULL,
        submission_key = NULL, content_hash = NULL,
        unsubscribe_token = ${mintSnowflake(subject.nodeId)},
        unsubscribed_at = CASE status WHEN 'ACTIVE' THEN now() ELSE unsubscribed_at END,
        status = 'UNSUBSCRIBED',
        deleted_at = coalesce(deleted_at, now()), deleted_by = coalesce(deleted_by, ${subject.actor}),
        version = version + 1, modified_at = now(), modified_by = ${subject.actor}
      WHERE ${theirs(subject)} RETURNING id`,
  ],
};
