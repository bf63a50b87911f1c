import {
  and,
  asc,
  desc,
  eq,
  gt,
  gte,
  inArray,
  isNotNull,
  isNull,
  lt,
  lte,
  type SQL,
  sql,
} from "drizzle-orm";
import { unionAll } from "drizzle-orm/pg-core";
import type { Database } from "../db/client.ts";
import { type InquiryRow, type InquiryStatus, inquiries } from "../db/schema.ts";
import { smallestSnowflakeAt } from "../db/snowflake.ts";
import { toInquiry } from "./repository.ts";
import type { Inquiry } from "./schema.ts";
import { type Search, searchConditions } from "./search.ts";

/** Which rows: the filters, and whether the search may look at addresses. */
export interface Selection {
  readonly status?: readonly InquiryStatus[] | undefined;
  readonly q?: string | undefined;
  readonly source?: string | undefined;
  readonly assignee?: string | undefined;
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
  /** Only the bin, or only what is not in it. */
  readonly deleted: boolean;
  readonly order: "newest" | "oldest";
  readonly searchesContacts: boolean;
}

export interface PageBounds {
  /** Only rows beyond this id, in the order of the selection. */
  readonly after: string | undefined;
  /** No rows above this id. */
  readonly upTo?: string | undefined;
  readonly limit: number;
}

/** A page by id, in the order of the selection. Its cost does not depend on where it is. */
export async function listInquiries(
  db: Database,
  selection: Selection,
  page: PageBounds,
): Promise<Inquiry[]> {
  const { q, searchesContacts } = selection;
  const rows =
    q === undefined
      ? await walk(db, selection, page)
      : await find(db, selection, page, { q, searchesContacts });
  return rows.map(toInquiry);
}

/** The highest id there is, `undefined` when there is none. */
export async function newestInquiryId(db: Database): Promise<string | undefined> {
  const [row] = await db
    .select({ id: inquiries.id })
    .from(inquiries)
    .orderBy(desc(inquiries.id))
    .limit(1);
  return row?.id;
}

/** Walks along an index that has the rows in order. */
async function walk(db: Database, selection: Selection, page: PageBounds): Promise<InquiryRow[]> {
  const { status, source, assignee, deleted, order } = selection;
  const conditions = conditionsOf(selection, page);
  const direction = directionOf(order);
  const pageOf = (statuses: SQL | undefined) =>
    db
      .select()
      .from(inquiries)
      .where(and(...conditions, statuses))
      .orderBy(direction(inquiries.id))
      .limit(page.limit);
  // The index on (status, id) has one status in order. Of several, each gives its own page, and the
  // page is the best of those: an IN would walk through all that have another status. Other filters
  // have indexes of their own.
  const byStatus = source === undefined && assignee === undefined && !deleted;
  const statuses = [...new Set(status)];
  const [first, second, ...others] = byStatus
    ? statuses.map((each) => pageOf(eq(inquiries.status, each)))
    : [];
  if (first === undefined || second === undefined) return pageOf(anyOf(statuses));
  return unionAll(first, second, ...others)
    .orderBy(direction(sql`id`))
    .limit(page.limit);
}

/** How many rows are looked through for a page before the search index is asked. */
const LOOKED_THROUGH = 10_000;

/**
 * A word that many rows have fills a page within the next ten thousand; one that few have is found by
 * the search index. Left to guess, the planner would look for a rare word through all rows, or sort a
 * million that have a common one.
 */
async function find(
  db: Database,
  selection: Selection,
  page: PageBounds,
  search: Search,
): Promise<InquiryRow[]> {
  const direction = directionOf(selection.order);
  const conditions = [...conditionsOf(selection, page), anyOf([...new Set(selection.status)])];
  const near = db
    .select()
    .from(inquiries)
    .where(and(...conditions))
    .orderBy(direction(inquiries.id))
    .limit(LOOKED_THROUGH)
    .as("near");
  const found = await db
    .select()
    .from(near)
    .where(and(...searchConditions(near, search)))
    .orderBy(direction(near.id))
    .limit(page.limit);
  if (found.length === page.limit) return found;
  const [, rows] = await db.batch([
    db.execute(sql`SET LOCAL enable_seqscan = off`),
    db
      .select()
      .from(inquiries)
      .where(and(...conditions, ...searchConditions(inquiries, search)))
      // By an expression, so that no index has the order, and the search decides.
      .orderBy(direction(sql`${inquiries.id} + 0`))
      .limit(page.limit),
  ]);
  return rows;
}

function directionOf(order: Selection["order"]) {
  return order === "newest" ? desc : asc;
}

function anyOf(statuses: readonly InquiryStatus[]): SQL | undefined {
  return statuses.length === 0 ? undefined : inArray(inquiries.status, [...statuses]);
}

/** Clocks of the edge and of the database differ by less than this, in milliseconds. */
const CLOCK_SKEW_MS = 10 * 60_000;
/** A submission that waited longer for its id than this is not found by `to`. */
const LONGEST_WAIT_MS = 2 * 24 * 60 * 60_000;

function conditionsOf(
  { source, assignee, from, to, deleted, order }: Selection,
  { after, upTo }: PageBounds,
): (SQL | undefined)[] {
  const beyond = order === "newest" ? lt : gt;
  return [
    deleted ? isNotNull(inquiries.deletedAt) : isNull(inquiries.deletedAt),
    source === undefined ? undefined : eq(inquiries.source, source),
    assignee === undefined ? undefined : eq(inquiries.assignee, assignee),
    from && gte(inquiries.submittedAt, from),
    to && lt(inquiries.submittedAt, to),
    // An id is minted when the row is stored, soon after it was submitted. The bounds on the id spare
    // the walk along the primary key to the period.
    from && gte(inquiries.id, smallestSnowflakeAt(shift(from, -CLOCK_SKEW_MS))),
    to && lt(inquiries.id, smallestSnowflakeAt(shift(to, LONGEST_WAIT_MS))),
    after === undefined ? undefined : beyond(inquiries.id, after),
    upTo === undefined ? undefined : lte(inquiries.id, upTo),
  ];
}

function shift(time: Date, milliseconds: number): Date {
  return new Date(time.getTime() + milliseconds);
}
