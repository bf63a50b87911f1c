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
import { type PgColumn, type PgTable, unionAll } from "drizzle-orm/pg-core";
import type { Columns, ColumnsOf, RowOf } from "./change.ts";
import type { Database } from "./client.ts";
import { smallestSnowflakeAt } from "./snowflake.ts";

/** Rows that are listed by id: with indexes on (status, id) and (source, id), and a bin. */
export type ListedTable = PgTable &
  Readonly<Record<"id" | "status" | "source" | "deletedAt", PgColumn>>;

/** What every list is narrowed by. */
export interface ListFilters {
  readonly status?: readonly string[] | undefined;
  readonly source?: string | undefined;
  /** Only the bin, or only what is not in it. */
  readonly deleted: boolean;
  readonly order: "newest" | "oldest";
}

export interface PageBounds {
  /** Only rows beyond this id, in the order of the list. */
  readonly after: string | undefined;
  /** No rows above this id. */
  readonly upTo?: string | undefined;
  readonly limit: number;
}

/** A stretch of time by a column, `to` not included. */
export interface Period {
  readonly column: PgColumn;
  readonly from: Date | undefined;
  readonly to: Date | undefined;
}

interface Listing<C extends Columns> extends ListFilters {
  /** What is told of each row: the id and what the search looks at are among it. */
  readonly columns: C;
  readonly period: Period;
  /** Further conditions, each on a column that has an index of its own. */
  readonly where: readonly SQL[];
  /** Conditions that a search index knows. */
  readonly search: ((columns: C) => SQL[]) | undefined;
}

/** A page by id, in the order of the list. Its cost does not depend on where it is. */
export async function listByKeyset<C extends Columns>(
  db: Database,
  table: ListedTable,
  listing: Listing<C>,
  page: PageBounds,
): Promise<RowOf<C>[]> {
  const { search } = listing;
  const rows =
    search === undefined
      ? await walk(db, table, listing, page)
      : await find(db, table, { ...listing, search }, page);
  return rows as RowOf<C>[];
}

/** The highest id there is, `undefined` when there is none. */
export async function newestId(db: Database, table: ListedTable): Promise<string | undefined> {
  const [row] = await db.select({ id: table.id }).from(table).orderBy(desc(table.id)).limit(1);
  return row?.id as string | undefined;
}

/** What a query answers that does not know its table. */
type Row = Readonly<Record<string, unknown>>;

/** Walks along an index that has the rows in order. */
async function walk<C extends Columns>(
  db: Database,
  table: ListedTable,
  listing: Listing<C>,
  page: PageBounds,
): Promise<Row[]> {
  const { status, source, deleted, where, order } = listing;
  const columns: ColumnsOf<ListedTable> = listing.columns;
  const conditions = conditionsOf(table, listing, page);
  const direction = directionOf(order);
  const pageOf = (statuses: SQL | undefined) =>
    db
      .select(columns)
      .from(table)
      .where(and(...conditions, statuses))
      .orderBy(direction(table.id))
      .limit(page.limit);
  // The index on (status, id) has one status in order. Of several, each gives its own page, and the
  // page is the best of those: an IN would walk through all that have another status. Other filters
  // have indexes of their own.
  const byStatus = source === undefined && where.length === 0 && !deleted;
  const statuses = [...new Set(status)];
  const [first, second, ...others] = byStatus
    ? statuses.map((each) => pageOf(eq(table.status, each)))
    : [];
  if (first === undefined || second === undefined) return pageOf(anyOf(table, statuses));
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
async function find<C extends Columns>(
  db: Database,
  table: ListedTable,
  listing: Listing<C> & { search: NonNullable<Listing<C>["search"]> },
  page: PageBounds,
): Promise<Row[]> {
  const { search, status, order } = listing;
  const columns: ColumnsOf<ListedTable> = listing.columns;
  const direction = directionOf(order);
  const conditions = [...conditionsOf(table, listing, page), anyOf(table, [...new Set(status)])];
  const near = db
    .select(columns)
    .from(table)
    .where(and(...conditions))
    .orderBy(direction(table.id))
    .limit(LOOKED_THROUGH)
    .as("near");
  const nearby = near as unknown as C;
  const found = await db
    .select()
    .from(near)
    .where(and(...search(nearby)))
    .orderBy(direction(sql`${nearby["id"]}`))
    .limit(page.limit);
  if (found.length === page.limit) return found;
  const [, rows] = await db.batch([
    db.execute(sql`SET LOCAL enable_seqscan = off`),
    db
      .select(columns)
      .from(table)
      .where(and(...conditions, ...search(listing.columns)))
      // By an expression, so that no index has the order, and the search decides.
      .orderBy(direction(sql`${table.id} + 0`))
      .limit(page.limit),
  ]);
  return rows;
}

function directionOf(order: ListFilters["order"]) {
  return order === "newest" ? desc : asc;
}

function anyOf(table: ListedTable, statuses: readonly string[]): SQL | undefined {
  return statuses.length === 0 ? undefined : inArray(table.status, [...statuses]);
}

/** Clocks of the edge and of the database differ by less than this, in milliseconds. */
const CLOCK_SKEW_MS = 10 * 60_000;
/** A row that waited longer for its id than this is not found by `to`. */
const LONGEST_WAIT_MS = 2 * 24 * 60 * 60_000;

function conditionsOf<C extends Columns>(
  table: ListedTable,
  { source, deleted, order, where, period: { column, from, to } }: Listing<C>,
  { after, upTo }: PageBounds,
): (SQL | undefined)[] {
  const beyond = order === "newest" ? lt : gt;
  return [
    deleted ? isNotNull(table.deletedAt) : isNull(table.deletedAt),
    source === undefined ? undefined : eq(table.source, source),
    ...where,
    from && gte(column, from),
    to && lt(column, to),
    // An id is minted when the row is stored, soon after the time that it is listed by. The bounds on
    // the id spare the walk along the primary key to the period.
    from && gte(table.id, smallestSnowflakeAt(shift(from, -CLOCK_SKEW_MS))),
    to && lt(table.id, smallestSnowflakeAt(shift(to, LONGEST_WAIT_MS))),
    after === undefined ? undefined : beyond(table.id, after),
    upTo === undefined ? undefined : lte(table.id, upTo),
  ];
}

function shift(time: Date, milliseconds: number): Date {
  return new Date(time.getTime() + milliseconds);
}
