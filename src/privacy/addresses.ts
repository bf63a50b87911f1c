import { and, type Column, inArray, isNotNull, type SQL, sql } from "drizzle-orm";
import type { Subject } from "./holder.ts";

/** Whether a text is one of the subject's addresses, whatever its case. */
export function isAddress(text: Column | SQL, { emails }: Subject): SQL {
  return inArray(sql`lower(${text})`, [...emails]);
}

/** What a trail's entries say about an address that somebody corrected. @param data their column */
export function correctedAddress(data: Column) {
  const before = sql`${data} #>> '{changes,email,before}'`;
  const after = sql`${data} #>> '{changes,email,after}'`;
  return {
    /** It had been the subject's before: as the index on former addresses has it. */
    wasTheirs: (subject: Subject) =>
      and(isNotNull(sql`${data} #> '{changes,email,before}'`), isAddress(before, subject)),
    /** The entry names the subject's address, before or after. */
    names: (subject: Subject) =>
      sql`(${isAddress(before, subject)} OR ${isAddress(after, subject)})`,
  };
}

/** The entry's changes without what says something about a person: what remains is that it happened. */
export function changesWithout(data: Column, fields: readonly string[]): SQL {
  return sql`jsonb_build_object('changes',
    (${data} -> 'changes') - ARRAY(SELECT jsonb_array_elements_text(${JSON.stringify(fields)}::jsonb)))`;
}
