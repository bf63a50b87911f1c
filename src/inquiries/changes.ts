import { getTableColumns, inArray, type SQL, sql } from "drizzle-orm";
import {
  type Assignment,
  binRows,
  type Change,
  changeRows,
  type Attempt as RowAttempt,
} from "../db/change.ts";
import type { Database } from "../db/client.ts";
import { type InquiryRow, type InquiryStatus, inquiries, inquiryActivity } from "../db/schema.ts";
import { mintSnowflake } from "../db/snowflake.ts";
import type { InquiryPatch } from "./desk-schema.ts";
import { toInquiry } from "./repository.ts";
import { type Inquiry, METADATA_MAX_KEYS } from "./schema.ts";
import { statusesBefore } from "./status.ts";

/** An inquiry after an attempt to change it. */
export interface Attempt {
  /** As it is now, changed or not. */
  readonly inquiry: Inquiry;
  readonly changed: boolean;
  /** It had been filed as spam, and this change brought it back. */
  readonly revived: boolean;
}

/**
 * Applies a patch to each inquiry that is there, has one of the versions and may take the status, and
 * logs what changed: one statement. A patch that changes nothing leaves no trace.
 * @returns what is there of `ids`, in no order
 */
export async function patchInquiries(
  db: Database,
  nodeId: number,
  { patch, ...change }: Change & { patch: InquiryPatch },
): Promise<Attempt[]> {
  const { status, metadata } = patch;
  const attempts = await changeRows(db, inquiries, {
    ...change,
    columns: getTableColumns(inquiries),
    assignments: assignmentsOf(patch),
    consequences: status === undefined ? [] : consequencesOf(status),
    when: [
      ...(status === undefined ? [] : [inArray(inquiries.status, statusesBefore(status))]),
      ...(metadata
        ? [
            sql`(SELECT count(*) FROM jsonb_object_keys(${mergedMetadata(metadata)})) <= ${METADATA_MAX_KEYS}`,
          ]
        : []),
    ],
    log: sql`${INTO_TRAIL} ${logOfDifferences(nodeId, change.actor)}`,
  });
  return attempts.map(toAttempt);
}

/** Puts an inquiry in the bin, or takes it out; already there, it stays as it is. */
export async function binInquiry(
  db: Database,
  nodeId: number,
  change: Change & { deleted: boolean },
): Promise<Attempt[]> {
  const kind = change.deleted ? "delete" : "restore";
  const attempts = await binRows(db, inquiries, {
    ...change,
    columns: getTableColumns(inquiries),
    log: sql`${INTO_TRAIL}
      SELECT ${mintSnowflake(nodeId)}, id, ${kind}, ${change.actor}, '{}'::jsonb FROM changed`,
  });
  return attempts.map(toAttempt);
}

const INTO_TRAIL = sql`INSERT INTO ${inquiryActivity} (id, inquiry_id, kind, actor, data)`;

function toAttempt({ row, changed, revived }: RowAttempt<InquiryRow>): Attempt {
  return { inquiry: toInquiry(row), changed, revived };
}

function assignmentsOf(patch: InquiryPatch): Assignment[] {
  const { metadata, ...others } = patch;
  const assignments: Assignment[] = [];
  for (const [field, value] of Object.entries(others)) {
    if (value === undefined) continue;
    assignments.push([inquiries[field as keyof typeof others], sql`${value}`]);
  }
  if (metadata !== undefined) assignments.push([inquiries.metadata, mergedMetadata(metadata)]);
  return assignments;
}

/** RFC 7396 in SQL, for the one field that is an object. */
function mergedMetadata(patch: NonNullable<InquiryPatch["metadata"]> | null): SQL {
  if (patch === null) return sql`'{}'::jsonb`;
  const kept = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== null));
  const removed = Object.keys(patch).filter((key) => patch[key] === null);
  return sql`(${inquiries.metadata} || ${JSON.stringify(kept)}::jsonb)
    - ARRAY(SELECT jsonb_array_elements_text(${JSON.stringify(removed)}::jsonb))`;
}

/** What else a change of status does, by the status it had. */
function consequencesOf(status: InquiryStatus): Assignment[] {
  return [
    [
      inquiries.firstHandledAt,
      status === "NEW"
        ? sql`${inquiries.firstHandledAt}`
        : sql`CASE WHEN ${inquiries.status} = 'NEW'
            THEN coalesce(${inquiries.firstHandledAt}, now()) ELSE ${inquiries.firstHandledAt} END`,
    ],
    [inquiries.spamReasons, status === "NEW" ? sql`'{}'::text[]` : sql`${inquiries.spamReasons}`],
  ];
}

/** Columns whose changes the trail shows, by the names the API gives them. */
const TRACKED = [
  "status",
  "assignee",
  "name",
  "email",
  "phone",
  "subject",
  "message",
  "source",
  "locale",
  "metadata",
  "spamReasons",
] as const satisfies (keyof typeof inquiries.$inferSelect)[];

function logOfDifferences(nodeId: number, actor: string): SQL {
  const fieldsOf = (row: "before" | "changed") =>
    sql`jsonb_each(jsonb_build_object(${sql.join(
      TRACKED.map(
        (field) =>
          sql`${sql.raw(`'${field}'`)}, ${sql.identifier(row)}.${sql.identifier(inquiries[field].name)}`,
      ),
      sql`, `,
    )}))`;
  return sql`SELECT ${mintSnowflake(nodeId)}, changed.id,
      CASE
        WHEN fields <@ ARRAY['status', 'spamReasons'] THEN 'status'
        WHEN fields <@ ARRAY['assignee'] THEN 'assignee'
        ELSE 'edit'
      END, ${actor}, jsonb_build_object('changes', changes)
    FROM changed JOIN before ON before.id = changed.id, LATERAL (
      SELECT array_agg(key) AS fields,
        jsonb_object_agg(key, jsonb_build_object('before', old.value, 'after', new.value)) AS changes
      FROM ${fieldsOf("before")} AS old JOIN ${fieldsOf("changed")} AS new USING (key)
      WHERE old.value IS DISTINCT FROM new.value
    ) AS difference`;
}
