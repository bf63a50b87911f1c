import { type Column, type SQL, sql } from "drizzle-orm";
import { searchText } from "../db/schema.ts";

/** What is searched, and whether addresses may be looked at. */
export interface Search {
  readonly q: string;
  readonly searchesContacts: boolean;
}

/** More words would each cost a look at the index and narrow nothing down. */
const MAX_WORDS = 8;
/** The index knows groups of three characters, so of a shorter word it only knows where one begins. */
const SHORTEST_INFIX = 3;

/** Conditions that every word is in what may be searched. @param table inquiries, or a part of them */
export function searchConditions(
  table: Readonly<Record<"name" | "email" | "subject" | "message", Column | SQL.Aliased>>,
  { q, searchesContacts }: Search,
): SQL[] {
  const words = q.split(/\s+/u).slice(0, MAX_WORDS);
  const visible = sql`(' ' || ${table.name} || ' ' || coalesce(${table.subject}, '') || ' ' || translate(${table.message}, E'\\n\\t', '  '))`;
  return words.flatMap((word) => {
    const escaped = word.replaceAll(/[\\%_]/g, "\\$&");
    const pattern = [...word].length < SHORTEST_INFIX ? `% ${escaped}%` : `%${escaped}%`;
    // The first finds the rows by the index; for who sees no addresses, the second decides.
    const found = sql`${searchText(table)} ILIKE ${pattern}`;
    return searchesContacts ? [found] : [found, sql`${visible} ILIKE ${pattern}`];
  });
}
