import { and, desc, eq, getTableColumns, inArray, isNull, lt, sql } from "drizzle-orm";
import type { Database } from "../db/client.ts";
import { retryTakenId } from "../db/errors.ts";
import { type InquiryRow, type InquiryStatus, inquiries } from "../db/schema.ts";
import { mintSnowflake } from "../db/snowflake.ts";
import type { Inquiry, InquirySubmission } from "./schema.ts";

/** A submission with what the edge knows about it. */
export interface NewInquiry extends InquirySubmission {
  readonly status: InquiryStatus;
  readonly spamReasons: string[];
  readonly submissionKey: string;
  readonly contentHash: string;
  readonly submittedAt: Date;
  readonly country: string | undefined;
  readonly clientHash: string | undefined;
}

/** The row a submission key stands for, and whether this call made it. */
export interface StoredSubmission {
  readonly inserted: boolean;
  readonly contentHash: string;
  readonly inquiry: Inquiry;
}

/**
 * Stores a submission, or finds the one that its key already stands for: one statement, one round
 * trip. The update in the conflict changes nothing; it is there because `DO NOTHING` returns no row.
 */
export async function insertSubmission(
  db: Database,
  nodeId: number,
  submission: NewInquiry,
): Promise<StoredSubmission> {
  const [row] = await retryTakenId(() =>
    db
      .insert(inquiries)
      .values({ ...submission, id: mintSnowflake(nodeId) })
      .onConflictDoUpdate({
        target: inquiries.submissionKey,
        set: { submissionKey: sql`excluded.submission_key` },
      })
      // A fresh tuple has no updating transaction, so xmax is 0; a conflicting one was just locked.
      .returning({ ...getTableColumns(inquiries), inserted: sql<boolean>`(xmax = 0)` }),
  );
  if (row === undefined) throw new Error("INSERT … RETURNING answered no row");
  return { inserted: row.inserted, contentHash: row.contentHash, inquiry: toInquiry(row) };
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
