import type { Database } from "../db/client.ts";
import { listByKeyset, type PageBounds } from "../db/keyset.ts";
import { type SubscriberRow, subscriberSearchText, subscribers } from "../db/schema.ts";
import { everyWordIn } from "../db/search.ts";
import type { SubscriberFilters } from "./list-schema.ts";

/** A page by id, in the order of the filters. Its cost does not depend on where it is. */
export function listSubscribers(
  db: Database,
  { q, from, to, ...filters }: SubscriberFilters,
  page: PageBounds,
): Promise<SubscriberRow[]> {
  type Searched = Parameters<typeof subscriberSearchText>[0];
  const listing = {
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
