import { eq, getTableColumns, type SQL, sql } from "drizzle-orm";
import type { Database } from "../db/client.ts";
import { type ListFilters, listByKeyset, type PageBounds } from "../db/keyset.ts";
import { inquiries, searchText } from "../db/schema.ts";
import { everyWordIn } from "../db/search.ts";
import { toInquiry } from "./repository.ts";
import type { Inquiry } from "./schema.ts";

/** Which rows: the filters, and whether the search may look at addresses. */
export interface Selection extends ListFilters {
  readonly q?: string | undefined;
  readonly assignee?: string | undefined;
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
  readonly searchesContacts: boolean;
}

/** A page by id, in the order of the selection. Its cost does not depend on where it is. */
export async function listInquiries(
  db: Database,
  { q, assignee, from, to, searchesContacts, ...filters }: Selection,
  page: PageBounds,
): Promise<Inquiry[]> {
  const listing = {
    columns: getTableColumns(inquiries),
    ...filters,
    period: { column: inquiries.submittedAt, from, to },
    where: assignee === undefined ? [] : [eq(inquiries.assignee, assignee)],
    search:
      q === undefined
        ? undefined
        : (columns: Searched) => everyWordIn(q, textsOf(columns, searchesContacts)),
  };
  return (await listByKeyset(db, inquiries, listing, page)).map(toInquiry);
}

type Searched = Parameters<typeof searchText>[0];

/** The first finds the rows by the index; for who sees no addresses, the second decides. */
function textsOf(columns: Searched, searchesContacts: boolean): SQL[] {
  const { name, subject, message } = columns;
  const visible = sql`(' ' || ${name} || ' ' || coalesce(${subject}, '') || ' ' || translate(${message}, E'\\n\\t', '  '))`;
  return searchesContacts ? [searchText(columns)] : [searchText(columns), visible];
}
