import { and, eq, getTableColumns, gt, inArray, isNotNull, isNull, lt, sql } from "drizzle-orm";
import type { Database } from "../db/client.ts";
import { retryContention } from "../db/errors.ts";
import { type InquiryRow, inquiries, inquiryActivity } from "../db/schema.ts";
import { mintSnowflake } from "../db/snowflake.ts";
import type { CommandContext } from "../intake/command.ts";
import { WINDOW_MS } from "../intake/idempotency.ts";
import type { Inquiry } from "./schema.ts";
import type { SubmissionPayload } from "./submission.ts";

/** The row a submission key stands for, and whether this call made it. */
export interface StoredSubmission {
  readonly inserted: boolean;
  readonly deleted: boolean;
  readonly contentHash: string;
  readonly submissionKey: string;
  readonly inquiry: Inquiry;
}

/**
 * Stores a submission, or finds the one that its key already stands for: one statement, one round
 * trip. The update in the conflict changes nothing; it is there because `DO NOTHING` returns no row.
 *
 * Without an `Idempotency-Key` a row of the windows beside counts as well, if it is near enough in
 * time: the statement then takes over that row's key, and meets it in the conflict. A row that is still
 * being inserted cannot be found like that, so close to the border both sides queue up at a lock
 * first, in the same round trip.
 */
export function submissionStatements(
  { db, nodeId }: CommandContext,
  { neighbours, nearBorder, ...payload }: SubmissionPayload,
) {
  const submittedAt = new Date(payload.submittedAt);
  const { submissionKey } = payload;
  const insert = db
    .insert(inquiries)
    .values({
      ...payload,
      id: mintSnowflake(nodeId),
      submittedAt,
      submissionKey:
        neighbours === undefined
          ? submissionKey
          : sql`coalesce((${twin(db, neighbours, submittedAt)}), ${submissionKey})`,
    })
    .onConflictDoUpdate({
      target: inquiries.submissionKey,
      set: { submissionKey: sql`excluded.submission_key` },
    })
    // A fresh tuple has no updating transaction, so xmax is 0; a conflicting one was just locked.
    .returning({ ...getTableColumns(inquiries), inserted: sql<boolean>`(xmax = 0)` });
  if (!nearBorder) return [insert] as const;
  const lock = sql`select pg_advisory_xact_lock(hashtextextended(${payload.contentHash}, 0))`;
  return [db.execute(lock), insert] as const;
}

/** The key of the same content, sent less than ten minutes before or after. */
function twin(db: Database, keys: string[], submittedAt: Date) {
  const at = submittedAt.getTime();
  return db
    .select({ key: inquiries.submissionKey })
    .from(inquiries)
    .where(
      and(
        inArray(inquiries.submissionKey, keys),
        gt(inquiries.submittedAt, new Date(at - WINDOW_MS)),
        lt(inquiries.submittedAt, new Date(at + WINDOW_MS)),
      ),
    )
    .limit(1);
}

/**
 * Reads what `submissionStatements` answered.
 * @throws {TypeError} when the rows are not about this submission
 */
export function submissionOfRow(
  rows: readonly unknown[],
  { submissionKey, neighbours = [] }: SubmissionPayload,
): StoredSubmission {
  const row = rows[0] as (InquiryRow & { inserted: boolean }) | undefined;
  if (row === undefined || ![submissionKey, ...neighbours].includes(row.submissionKey)) {
    throw new TypeError("not an answer to this submission");
  }
  const { inserted, contentHash, deletedAt } = row;
  const inquiry = toInquiry(row);
  return {
    inserted,
    deleted: deletedAt !== null,
    contentHash,
    submissionKey: row.submissionKey,
    inquiry,
  };
}

/**
 * Stores what staff entered and logs that they did, or finds what this key already stands for: one
 * statement, like `insertSubmission`.
 */
export async function insertEntry(
  db: Database,
  nodeId: number,
  entry: Omit<typeof inquiries.$inferInsert, "id"> & { createdBy: string },
): Promise<StoredSubmission> {
  const inserted = db.$with("inserted").as(
    db
      .insert(inquiries)
      .values({ ...entry, id: mintSnowflake(nodeId) })
      .onConflictDoUpdate({
        target: inquiries.submissionKey,
        set: { submissionKey: sql`excluded.submission_key` },
      })
      .returning({
        ...getTableColumns(inquiries),
        inserted: sql<boolean>`(xmax = 0)`.as("inserted"),
      }),
  );
  const logged = db.$with("logged", {}).as(
    sql`INSERT INTO ${inquiryActivity} (id, inquiry_id, kind, actor)
      SELECT ${mintSnowflake(nodeId)}, id, 'create', ${entry.createdBy}
      FROM inserted WHERE inserted.inserted`,
  );
  const [row] = await retryContention(() => db.with(inserted, logged).select().from(inserted));
  if (row === undefined) throw new Error("INSERT … RETURNING answered no row");
  const { inserted: isNew, contentHash, submissionKey, deletedAt } = row;
  return {
    inserted: isNew,
    deleted: deletedAt !== null,
    contentHash,
    submissionKey,
    inquiry: toInquiry(row),
  };
}

/** @param options.deleted looks in the bin instead */
export async function findInquiry(
  db: Database,
  id: string,
  options: { deleted: boolean },
): Promise<Inquiry | undefined> {
  const [row] = await selectInquiry(db, id, options);
  return row && toInquiry(row);
}

/** The query alone, for a batch. */
export function selectInquiry(db: Database, id: string, { deleted }: { deleted: boolean }) {
  const binned = deleted ? isNotNull(inquiries.deletedAt) : isNull(inquiries.deletedAt);
  return db
    .select()
    .from(inquiries)
    .where(and(eq(inquiries.id, id), binned));
}

export function toInquiry(row: InquiryRow): Inquiry {
  return {
    id: row.id,
    status: row.status,
    name: row.name,
    email: row.email,
    phone: row.phone,
    subject: row.subject,
    message: row.message,
    source: row.source,
    locale: row.locale,
    metadata: row.metadata,
    assignee: row.assignee,
    spamReasons: row.spamReasons,
    country: row.country,
    version: row.version,
    submittedAt: row.submittedAt.toISOString(),
    firstHandledAt: row.firstHandledAt?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
    createdBy: row.createdBy,
    modifiedAt: row.modifiedAt.toISOString(),
    modifiedBy: row.modifiedBy,
    deletedAt: row.deletedAt?.toISOString() ?? null,
  };
}
