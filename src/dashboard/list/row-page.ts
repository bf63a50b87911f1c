/** A page of a list: what lies between its cursor and its last row. */
export interface Page<T> {
  /** Of this page; undefined for the first. */
  readonly cursor: string | undefined;
  /** Undefined while it has not been loaded, or when it was let go. */
  rows: readonly T[] | undefined;
  /** How many rows it has, or had when it was let go. */
  size: number;
  /** Id of its last row when first loaded: where the next page begins. */
  lastId: string | undefined;
  loading: boolean;
}

export function newPage<T>(cursor: string | undefined): Page<T> {
  return { cursor, rows: undefined, size: 0, lastId: undefined, loading: false };
}

/** The newer of the two: what was heard of may be newer than what was loaded. */
export function asFresh<T extends { readonly version: number }>(row: T, heard: T | undefined): T {
  return heard && heard.version > row.version ? heard : row;
}

/** Snowflakes of up to 19 digits: longer is greater, then digit by digit. @returns below 0: a is first */
export function comparePlaces(a: string, b: string, oldestFirst: boolean): number {
  const ascending = a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
  return oldestFirst ? ascending : -ascending;
}
