import {
  and,
  eq,
  getTableColumns,
  gt,
  inArray,
  isNotNull,
  isNull,
  lt,
  type Placeholder,
  type SQL,
  sql,
} from "drizzle-orm";
import type { Database } from "../db/client.ts";
import { compileStatement } from "../db/compiled.ts";
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
  const insert = neighbours === undefined ? insertUnderKey : insertBesideTwins;
  const at = Date.parse(payload.submittedAt);
  const [before, after] = neighbours ?? [];
  const statement = insert(db, {
    // What a visitor may leave out.
    ...{ phone: null, subject: null, source: null, locale: null, country: null, clientHash: null },
    metadata: {},
    ...defined(payload),
    nodeId,
    submittedAt: new Date(at),
    before,
    after,
    earliest: new Date(at - WINDOW_MS).toISOString(),
    latest: new Date(at + WINDOW_MS).toISOString(),
  });
  if (!nearBorder) return [statement] as const;
  const lock = sql`select pg_advisory_xact_lock(hashtextextended(${payload.contentHash}, 0))`;
  return [db.execute(lock), statement] as const;
}

const given = <Name extends string>(name: Name) => sql.placeholder(name);

/**
 * Whether a row that `INSERT … ON CONFLICT DO UPDATE` returns is new: a fresh tuple has no updating
 * transaction, so xmax is 0; a conflicting one was just locked.
 */
export const IS_NEW = sql<boolean>`(xmax = 0)`;

const RETURNED = { ...getTableColumns(inquiries), inserted: IS_NEW };

const insertUnderKey = compileStatement(RETURNED, (db) =>
  insertSubmission(db, given("submissionKey")),
);

const insertBesideTwins = compileStatement(RETURNED, (db) =>
  insertSubmission(db, sql`coalesce((${twin(db)}), ${given("submissionKey")})`),
);

function insertSubmission(db: Database, submissionKey: SQL | Placeholder) {
  return db
    .insert(inquiries)
    .values({
      id: mintSnowflake(given("nodeId")),
      status: given("status"),
      name: given("name"),
      email: given("email"),
      phone: given("phone"),
      subject: given("subject"),
      message: given("message"),
      source: given("source"),
      locale: given("locale"),
      metadata: given("metadata"),
      spamReasons: given("spamReasons"),
      country: given("country"),
      clientHash: given("clientHash"),
      contentHash: given("contentHash"),
      submittedAt: given("submittedAt"),
      submissionKey,
    })
    .onConflictDoUpdate({
      target: inquiries.submissionKey,
      set: { submissionKey: sql`excluded.submission_key` },
    })
    .returning(RETURNED);
}

/** The key of the same content, sent less than ten minutes before or after. */
function twin(db: Database) {
  return db
    .select({ key: inquiries.submissionKey })
    .from(inquiries)
    .where(
      and(
        inArray(inquiries.submissionKey, [given("before"), given("after")]),
        gt(inquiries.submittedAt, given("earliest")),
        lt(inquiries.submittedAt, given("latest")),
      ),
    )
    .limit(1);
}

function defined<T extends object>(values: T): Partial<T> {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Partial<T>;
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
        inserted: IS_NEW.as("inserted"),
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
