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
import { type InquiryStatus, inquiries, searchText } from "../db/schema.ts";
import { smallestSnowflakeAt } from "../db/snowflake.ts";
import type { InquiryFilters } from "./list-schema.ts";
import { toInquiry } from "./repository.ts";
import type { Inquiry } from "./schema.ts";

/** Which rows: the filters, and whether the search may look at addresses. */
export interface Selection extends InquiryFilters {
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
  const { order, status } = selection;
  const conditions = [...conditionsOf(selection), ...boundsOf(order, page)];
  const select = (...more: (SQL | undefined)[]) =>
    db
      .select()
      .from(inquiries)
      .where(and(...conditions, ...more));
  const direction = order === "newest" ? desc : asc;
  const statuses = [...new Set(status)];
  // The index on (status, id) yields one status in order. Of several, each gives its own page, and
  // the page is the best of those: an IN would walk through all that have another status.
  const [first, second, ...others] = isSelective(selection)
    ? []
    : statuses.map((each) =>
        select(eq(inquiries.status, each)).orderBy(direction(inquiries.id)).limit(page.limit),
      );
  const rows =
    first && second
      ? await unionAll(first, second, ...others)
          .orderBy(direction(sql`id`))
          .limit(page.limit)
      : await select(anyOf(statuses)).orderBy(direction(inquiries.id)).limit(page.limit);
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

/** Whether another index than that of the statuses finds the rows. */
function isSelective({ q, source, assignee, deleted }: Selection): boolean {
  return q !== undefined || source !== undefined || assignee !== undefined || deleted;
}

function anyOf(statuses: readonly InquiryStatus[]): SQL | undefined {
  return statuses.length === 0 ? undefined : inArray(inquiries.status, [...statuses]);
}

function boundsOf(
  order: InquiryFilters["order"],
  { after, upTo }: PageBounds,
): (SQL | undefined)[] {
  const beyond = order === "newest" ? lt : gt;
  return [
    after === undefined ? undefined : beyond(inquiries.id, after),
    upTo === undefined ? undefined : lte(inquiries.id, upTo),
  ];
}

/** Clocks of the edge and of the database differ by less than this, in milliseconds. */
const CLOCK_SKEW_MS = 10 * 60_000;
/** A submission that waited longer for its id than this is not found by `to`. */
const LONGEST_WAIT_MS = 2 * 24 * 60 * 60_000;

function conditionsOf(selection: Selection): (SQL | undefined)[] {
  const { source, assignee, from, to, deleted } = selection;
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
    ...searchConditions(selection),
  ];
}

function shift(time: Date, milliseconds: number): Date {
  return new Date(time.getTime() + milliseconds);
}

/** More words would each cost a look at the index and narrow nothing down. */
const MAX_WORDS = 8;
/** The index knows groups of three characters, so of a shorter word it only knows where one begins. */
const SHORTEST_INFIX = 3;

function searchConditions({ q, searchesContacts }: Selection): SQL[] {
  if (q === undefined) return [];
  const words = q.split(/\s+/u).slice(0, MAX_WORDS);
  const visible = sql`(' ' || ${inquiries.name} || ' ' || coalesce(${inquiries.subject}, '') || ' ' || translate(${inquiries.message}, E'\\n\\t', '  '))`;
  return words.flatMap((word) => {
    const escaped = word.replaceAll(/[\\%_]/g, "\\$&");
    const pattern = [...word].length < SHORTEST_INFIX ? `% ${escaped}%` : `%${escaped}%`;
    // The first finds the rows by the index; for who sees no addresses, the second decides.
    const found = sql`${searchText(inquiries)} ILIKE ${pattern}`;
    return searchesContacts ? [found] : [found, sql`${visible} ILIKE ${pattern}`];
  });
}
