/** Rows a page asks for: the most the API gives. */
export const PAGE_SIZE = 200;
/** Pages kept around the one that is looked at; what is further away is asked for again by its cursor. */
const PAGES_KEPT = 9;

/** What a list can hold. Ids are Snowflakes: newer is greater. */
export interface Listed {
  readonly id: string;
  readonly version: number;
}

export interface LoadedPage<T> {
  readonly data: readonly T[];
  readonly nextCursor: string | null;
}

interface Page<T> {
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

export interface ListState {
  /** Rows known so far. */
  readonly count: number;
  readonly complete: boolean;
  readonly error: unknown;
  /** The first page is on its way. */
  readonly pending: boolean;
}

type Load<T> = (cursor: string | undefined) => Promise<LoadedPage<T>>;

/**
 * The rows of a list of any length, by keyset pages, in bounded memory. Nothing in it moves by
 * itself: rows change in place, come in front when they are asked for, and go when the reader's own
 * action takes them away.
 */
export class RowList<T extends Listed> {
  readonly #load: Load<T>;
  readonly #oldestFirst: boolean;
  readonly #listeners = new Set<() => void>();
  #pages: Page<T>[] = [newPage(undefined)];
  #complete = false;
  #error: unknown;
  #looked = 0;
  #first: Promise<void> | undefined;
  #state: ListState = { count: 0, complete: false, error: undefined, pending: true };

  constructor(options: { load: Load<T>; oldestFirst: boolean }) {
    this.#load = options.load;
    this.#oldestFirst = options.oldestFirst;
  }

  readonly subscribe = (listener: () => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  readonly getState = (): ListState => this.#state;

  /** The row at a place; undefined while its page is not here. */
  row(index: number): T | undefined {
    const found = this.#locate(index);
    return found?.page.rows?.[found.offset];
  }

  indexOf(id: string): number {
    let before = 0;
    for (const page of this.#pages) {
      const offset = page.rows?.findIndex((row) => row.id === id) ?? -1;
      if (offset >= 0) return before + offset;
      before += page.size;
    }
    return -1;
  }

  find(id: string): T | undefined {
    for (const { rows } of this.#pages) {
      const row = rows?.find((each) => each.id === id);
      if (row) return row;
    }
    return undefined;
  }

  /** Says what is looked at: loads what is missing there and the page after, lets go what is far. */
  look(first: number, last: number): void {
    const from = this.#pageAt(first);
    const to = this.#pageAt(last);
    this.#looked = from;
    for (let index = Math.max(0, from - 1); index <= to + 1; index++) this.#begin(index);
  }

  retry(): void {
    this.#error = undefined;
    void this.#fetch(Math.min(this.#looked, this.#pages.length - 1));
    void this.#fetch(this.#pages.length - 1);
  }

  /** Changes a row where it is. */
  update(changed: T): void {
    this.#change((rows) => {
      const at = rows.findIndex((row) => row.id === changed.id);
      const old = rows[at];
      return old && old.version <= changed.version ? rows.with(at, changed) : rows;
    });
  }

  /** Puts rows in front: they are newer than every other. */
  prepend(rows: readonly T[]): void {
    const first = this.#pages[0];
    if (!first?.rows) return;
    const fresh = rows.filter((row) => this.find(row.id) === undefined);
    first.rows = [...fresh, ...first.rows];
    first.size = first.rows.length;
    this.#announce();
  }

  /** @returns puts them back where they were */
  remove(ids: ReadonlySet<string>): () => void {
    const taken: (readonly [Page<T>, T])[] = [];
    for (const page of this.#pages) {
      if (!page.rows?.some((row) => ids.has(row.id))) continue;
      taken.push(...page.rows.filter((row) => ids.has(row.id)).map((row) => [page, row] as const));
      page.rows = page.rows.filter((row) => !ids.has(row.id));
      page.size = page.rows.length;
    }
    this.#announce();
    return () => {
      for (const [page, row] of taken) {
        if (!page.rows || page.rows.some((each) => each.id === row.id)) continue;
        page.rows = [...page.rows, row].sort((a, b) => this.#compare(a.id, b.id));
        page.size = page.rows.length;
      }
      this.#announce();
    };
  }

  /**
   * Loads again what is here, without moving it: for after events were lost.
   * @returns rows that are newer than any here
   */
  async refresh(): Promise<readonly T[]> {
    // Not "it is on its way": what is on its way may have been read before the events were lost.
    await this.#first;
    const pages = this.#pages.filter(({ rows }) => rows !== undefined);
    const loaded = await Promise.all(pages.map(({ cursor }) => this.#load(cursor)));
    const rows = loaded.flatMap(({ data }) => data);
    for (const row of rows) this.update(row);
    const newest = this.row(0)?.id;
    return rows.filter(
      ({ id }) =>
        this.find(id) === undefined && (newest === undefined || this.#compare(id, newest) < 0),
    );
  }

  #begin(index: number): void {
    const fetched = this.#fetch(index);
    this.#first ??= fetched;
  }

  async #fetch(index: number): Promise<void> {
    const page = this.#pages[index];
    if (!page || page.rows || page.loading || this.#error) return;
    page.loading = true;
    try {
      const { data, nextCursor } = await this.#load(page.cursor);
      const last = page.lastId;
      // Asked for again after rows were taken away, a page would reach into the next one.
      page.rows = last ? data.filter((row) => this.#compare(row.id, last) <= 0) : data;
      page.size = page.rows.length;
      if (last === undefined) {
        page.lastId = data.at(-1)?.id;
        if (nextCursor === null) this.#complete = true;
        else this.#pages.push(newPage(nextCursor));
      }
      this.#letGo();
    } catch (error) {
      this.#error = error;
    } finally {
      page.loading = false;
    }
    this.#announce();
  }

  #letGo(): void {
    this.#pages.forEach((page, index) => {
      if (Math.abs(index - this.#looked) > PAGES_KEPT) page.rows = undefined;
    });
  }

  #change(edit: (rows: readonly T[]) => readonly T[]): void {
    let changed = false;
    for (const page of this.#pages) {
      if (!page.rows) continue;
      const rows = edit(page.rows);
      changed ||= rows !== page.rows;
      page.rows = rows;
    }
    if (changed) this.#announce();
  }

  #locate(index: number): { page: Page<T>; offset: number } | undefined {
    let before = 0;
    for (const page of this.#pages) {
      if (index < before + page.size) return { page, offset: index - before };
      before += page.size;
    }
    return undefined;
  }

  #pageAt(index: number): number {
    let before = 0;
    for (const [at, page] of this.#pages.entries()) {
      before += page.size;
      if (index < before) return at;
    }
    return this.#pages.length - 1;
  }

  /** Snowflakes of up to 19 digits: longer is greater, then digit by digit. */
  #compare(a: string, b: string): number {
    const ascending = a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
    return this.#oldestFirst ? ascending : -ascending;
  }

  #announce(): void {
    this.#state = {
      count: this.#pages.reduce((sum, page) => sum + page.size, 0),
      complete: this.#complete,
      error: this.#error,
      pending: this.#pages[0]?.lastId === undefined && !this.#complete && !this.#error,
    };
    for (const listener of this.#listeners) listener();
  }
}

function newPage<T>(cursor: string | undefined): Page<T> {
  return { cursor, rows: undefined, size: 0, lastId: undefined, loading: false };
}
