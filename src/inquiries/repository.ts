import { and, desc, eq, getTableColumns, gt, inArray, isNull, lt, sql } from "drizzle-orm";
import type { Database } from "../db/client.ts";
import { type InquiryRow, type InquiryStatus, inquiries } from "../db/schema.ts";
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

/** Newest first, by id. @param page.before only rows with a smaller id; @param page.limit rows at most */
export async function listInquiries(
  db: Database,
  filter: { status: readonly InquiryStatus[] | undefined },
  page: { before: string | undefined; limit: number },
): Promise<Inquiry[]> {
  const rows = await db
    .select()
    .from(inquiries)
    .where(
      and(
        isNull(inquiries.deletedAt),
        filter.status && inArray(inquiries.status, [...filter.status]),
        page.before === undefined ? undefined : lt(inquiries.id, page.before),
      ),
    )
    .orderBy(desc(inquiries.id))
    .limit(page.limit);
  return rows.map(toInquiry);
}

export async function findInquiry(db: Database, id: string): Promise<Inquiry | undefined> {
  const [row] = await db
    .select()
    .from(inquiries)
    .where(and(eq(inquiries.id, id), isNull(inquiries.deletedAt)));
  return row && toInquiry(row);
}

function toInquiry(row: InquiryRow): Inquiry {
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
    modifiedAt: row.modifiedAt.toISOString(),
    modifiedBy: row.modifiedBy,
  };
}
