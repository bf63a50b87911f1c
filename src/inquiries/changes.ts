import { eq, getTableColumns, inArray, isNotNull, isNull, or, type SQL, sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import type { Database } from "../db/client.ts";
import { retryTakenId } from "../db/errors.ts";
import { type InquiryStatus, inquiries, inquiryActivity } from "../db/schema.ts";
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

/** Who changes what. */
interface Change {
  readonly ids: readonly string[];
  /** The versions it may have; any when undefined. */
  readonly versions: readonly number[] | undefined;
  readonly actor: string;
}

/**
 * Applies a patch to each inquiry that is there, has one of the versions and may take the status, and
 * logs what changed: one statement. A patch that changes nothing leaves no trace.
 * @returns what is there of `ids`, in no order
 */
export function patchInquiries(
  db: Database,
  nodeId: number,
  { ids, versions, actor, patch }: Change & { patch: InquiryPatch },
): Promise<Attempt[]> {
  const assignments = assignmentsOf(patch);
  return change(db, {
    rows: sql`${inArray(inquiries.id, [...ids])} AND ${isNull(inquiries.deletedAt)}`,
    set: [...assignments, ...(patch.status === undefined ? [] : consequencesOf(patch.status))],
    actor,
    when: [
      versions && inArray(inquiries.version, [...versions]),
      patch.status && inArray(inquiries.status, statusesBefore(patch.status)),
      or(...assignments.map(([column, value]) => sql`${column} IS DISTINCT FROM ${value}`)) ??
        sql`false`,
      patch.metadata &&
        sql`(SELECT count(*) FROM jsonb_object_keys(${mergedMetadata(patch.metadata)})) <= ${METADATA_MAX_KEYS}`,
    ],
    log: logOfDifferences(nodeId, actor),
  });
}

/** Puts an inquiry in the bin, or takes it out; already there, it stays as it is. */
export function binInquiry(
  db: Database,
  nodeId: number,
  { ids, versions, actor, deleted }: Change & { deleted: boolean },
): Promise<Attempt[]> {
  return change(db, {
    rows: inArray(inquiries.id, [...ids]),
    set: [
      [inquiries.deletedAt, deleted ? sql`now()` : sql`NULL`],
      [inquiries.deletedBy, deleted ? sql`${actor}` : sql`NULL`],
    ],
    actor,
    when: [
      versions && inArray(inquiries.version, [...versions]),
      deleted ? isNull(inquiries.deletedAt) : isNotNull(inquiries.deletedAt),
    ],
    log: sql`SELECT ${mintSnowflake(nodeId)}, id, ${deleted ? "delete" : "restore"}, ${actor}, '{}'::jsonb
      FROM changed`,
  });
}

type Assignment = readonly [column: PgColumn, value: SQL];

/**
 * The frame of every change: lock in the order of ids (two changes of many cannot lock each other
 * out), update what qualifies, log it, and answer how things are now.
 */
async function change(
  db: Database,
  options: {
    rows: SQL;
    set: readonly Assignment[];
    actor: string;
    when: readonly (SQL | undefined | "" | null)[];
    log: SQL;
  },
): Promise<Attempt[]> {
  const columns = getTableColumns(inquiries);
  const { actor, log } = options;
  const set = [
    ...options.set,
    [inquiries.version, sql`${inquiries.version} + 1`],
    [inquiries.modifiedAt, sql`now()`],
    [inquiries.modifiedBy, sql`${actor}`],
  ] as const;
  const when = options.when.filter((condition) => condition instanceof Object);
  const before = db
    .$with("before", columns)
    .as(
      sql`SELECT * FROM ${inquiries} WHERE ${options.rows} ORDER BY ${inquiries.id} FOR NO KEY UPDATE`,
    );
  // Waiting for a row that somebody else changes, Postgres looks at these conditions again, on the row
  // as it is then (EvalPlanQual): of two changes to one version, the second finds another version.
  const changed = db.$with("changed", columns).as(
    sql`UPDATE ${inquiries}
      SET ${sql.join(
        set.map(([column, value]) => sql`${sql.identifier(column.name)} = ${value}`),
        sql`, `,
      )}
      FROM before
      WHERE ${sql.join([eq(inquiries.id, sql`before.id`), ...when], sql` AND `)}
      RETURNING ${inquiries}.*`,
  );
  const logged = db
    .$with("logged", {})
    .as(sql`INSERT INTO ${inquiryActivity} (id, inquiry_id, kind, actor, data) ${log}`);
  const outcome = {
    changed: sql<boolean>`was_changed`.as("was_changed"),
    revived: sql<boolean>`was_revived`.as("was_revived"),
  };
  const current = db.$with("current", { ...columns, ...outcome }).as(
    sql`SELECT changed.*, true AS was_changed,
        cardinality(changed.spam_reasons) < cardinality(before.spam_reasons) AS was_revived
      FROM changed JOIN before ON before.id = changed.id
      UNION ALL
      SELECT before.*, false, false FROM before
      WHERE NOT EXISTS (SELECT FROM changed WHERE changed.id = before.id)`,
  );
  const rows = await retryTakenId(() =>
    db.with(before, changed, logged, current).select().from(current),
  );
  return rows.map((row) => ({
    inquiry: toInquiry(row),
    changed: row.changed,
    revived: row.revived,
  }));
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
