import { and, eq, getTableColumns, isNotNull, isNull, sql } from "drizzle-orm";
import type { Database } from "../db/client.ts";
import { retryTakenId } from "../db/errors.ts";
import { type InquiryRow, type InquiryStatus, inquiries, inquiryActivity } from "../db/schema.ts";
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
  const [row] = await retryTakenId(() => db.with(inserted, logged).select().from(inserted));
  if (row === undefined) throw new Error("INSERT … RETURNING answered no row");
  return { inserted: row.inserted, contentHash: row.contentHash, inquiry: toInquiry(row) };
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
