import { getTableColumns } from "drizzle-orm";
import type { RowOf } from "../db/change.ts";
import type { Database } from "../db/client.ts";
import { listByKeyset, type PageBounds } from "../db/keyset.ts";
import { type SubscriberRow, subscriberSearchText, subscribers } from "../db/schema.ts";
import { everyWordIn } from "../db/search.ts";
import type { SubscriberFilters } from "./list-schema.ts";
import { SUBSCRIBER_COLUMNS, type SubscriberWithoutToken } from "./subscriber.ts";

/** A page by id, in the order of the filters. Its cost does not depend on where it is. */
export function listSubscribers(
  db: Database,
  filters: SubscriberFilters,
  page: PageBounds,
): Promise<SubscriberWithoutToken[]> {
  return listColumns(db, SUBSCRIBER_COLUMNS, filters, page);
}

/** The same with everything that a row holds: for the mailing list alone. */
export function listWithTokens(
  db: Database,
  filters: SubscriberFilters,
  page: PageBounds,
): Promise<SubscriberRow[]> {
  return listColumns(db, getTableColumns(subscribers), filters, page);
}

function listColumns<C extends typeof SUBSCRIBER_COLUMNS>(
  db: Database,
  columns: C,
  { q, from, to, ...filters }: SubscriberFilters,
  page: PageBounds,
): Promise<RowOf<C>[]> {
  type Searched = Parameters<typeof subscriberSearchText>[0];
  const listing = {
    columns,
    ...filters,
    period: { column: subscribers.createdAt, from, to },
    where: [],
    search:
      q === undefined
        ? undefined
        : (columns: Searched) => everyWordIn(q, [subscriberSearchText(columns)]),
  };
  return listByKeyset(db, subscribers, listing, page);
}
