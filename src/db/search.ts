import { type SQL, sql } from "drizzle-orm";

/** More words would each cost a look at the index and narrow nothing down. */
const MAX_WORDS = 8;
/** The index knows groups of three characters, so of a shorter word it only knows where one begins. */
const SHORTEST_INFIX = 3;

/**
 * Conditions that every word of `q` is in each of the texts, whatever its case.
 * @param texts expressions; the first is what a trigram index covers, and begins with a space
 */
export function everyWordIn(q: string, texts: readonly SQL[]): SQL[] {
  const words = q.split(/\s+/u).slice(0, MAX_WORDS);
  return words.flatMap((word) => {
    const escaped = word.replaceAll(/[\\%_]/g, "\\$&");
    const pattern = [...word].length < SHORTEST_INFIX ? `% ${escaped}%` : `%${escaped}%`;
    return texts.map((text) => sql`${text} ILIKE ${pattern}`);
  });
}
