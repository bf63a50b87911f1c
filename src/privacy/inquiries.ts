import { or, type SQL, sql } from "drizzle-orm";
import { inquiries, inquiryActivity, searchText } from "../db/schema.ts";
import { mintSnowflake } from "../db/snowflake.ts";
import { changesWithout, correctedAddress, isAddress } from "./addresses.ts";
import type { Holder, Subject } from "./holder.ts";

const ERASED = "[erased]";

/** Fields that say something about a person. */
const PERSONAL = ["name", "email", "phone", "subject", "message", "locale", "metadata"];

const corrected = correctedAddress(inquiryActivity.data);

/** Inquiries from the address. */
const theirs = (subject: Subject) => isAddress(inquiries.email, subject);

const related = (subject: Subject) =>
  or(
    theirs(subject),
    sql`${inquiries.id} IN (
      SELECT inquiry_id FROM ${inquiryActivity} WHERE ${corrected.wasTheirs(subject)})`,
  );

/** Inquiries in the bin are held like any other. */
export const inquiryHolder: Holder = {
  name: "inquiries",
  event: { room: "inquiries", type: "inquiry.erased", about: "inquiryId" },

  count: (subject) => sql`SELECT count(*) AS n FROM ${inquiries} WHERE ${related(subject)}`,

  report: (subject) => sql`
    SELECT (to_jsonb(${inquiries}) || jsonb_build_object(
      'id', ${inquiries.id}::text,
      'activity', (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
          'kind', kind, 'actor', actor, 'data', data, 'created_at', created_at
        ) ORDER BY ${inquiryActivity.id}), '[]')
        FROM ${inquiryActivity} WHERE inquiry_id = ${inquiries.id}
      )
    )) AS held
    FROM ${inquiries} WHERE ${related(subject)}
    ORDER BY ${inquiries.id}`,

  logReport: (subject) => sql`
    INSERT INTO ${inquiryActivity} (id, inquiry_id, kind, actor)
    SELECT ${mintSnowflake(subject.nodeId)}, id, 'report', ${subject.actor}
    FROM ${inquiries} WHERE ${related(subject)}`,

  ids: (subject) => sql`SELECT id FROM ${inquiries} WHERE ${theirs(subject)}`,

  erase: (subject) => [
    // In the order of ids, like every change of several: two of them cannot lock each other out.
    sql`SELECT id FROM ${inquiries} WHERE ${related(subject)} ORDER BY id FOR UPDATE`,
    // Keys go as well, here and below: they are hashes of what was typed, or whatever a caller chose.
    sql`UPDATE ${inquiryActivity} SET data = CASE
        WHEN kind = 'note' THEN jsonb_build_object('note', ${ERASED}::text)
        WHEN data ? 'changes' THEN ${changesWithout(inquiryActivity.data, PERSONAL)}
        ELSE data
      END, idempotency_key = NULL
      WHERE inquiry_id IN (SELECT id FROM ${inquiries} WHERE ${theirs(subject)})`,
    // Where the address was corrected, only that it had been this one goes: the inquiry is another's.
    sql`UPDATE ${inquiryActivity}
      SET data = data #- '{changes,email}'
      WHERE inquiry_id IN (
          SELECT inquiry_id FROM ${inquiryActivity} WHERE ${corrected.wasTheirs(subject)})
        AND ${corrected.names(subject)}`,
    sql`WITH erased AS (
        UPDATE ${inquiries} SET
          name = ${ERASED}, message = ${ERASED}, email = NULL, phone = NULL, subject = NULL,
          locale = NULL, metadata = '{}', country = NULL, client_hash = NULL,
          submission_key = 'erased ' || id, content_hash = '',
          version = version + 1, modified_at = now(), modified_by = ${subject.actor}
        WHERE ${theirs(subject)} RETURNING id
      ), logged AS (
        INSERT INTO ${inquiryActivity} (id, inquiry_id, kind, actor)
        SELECT ${mintSnowflake(subject.nodeId)}, id, 'erase', ${subject.actor} FROM erased
      ) SELECT id FROM erased`,
  ],
};

/** Inquiries of others whose text names the address, for somebody to look at. */
export function mentions({ emails }: Subject): SQL {
  const patterns = emails.map((email) => `%${email.replaceAll(/[\\%_]/g, "\\$&")}%`);
  const named = patterns.map((pattern) => sql`${searchText(inquiries)} ILIKE ${pattern}`);
  return sql`SELECT id FROM ${inquiries}
    WHERE ${inquiries.deletedAt} IS NULL AND ${or(...named)}
      AND lower(coalesce(${inquiries.email}, '')) NOT IN (${sql.join(
        emails.map((email) => sql`${email}`),
        sql`, `,
      )})
    ORDER BY id LIMIT 100`;
}
