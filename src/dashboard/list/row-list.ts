import { asFresh, comparePlaces, newPage, type Page } from "./row-page.ts";

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

export interface ListState {
  /** Rows known so far. */
  readonly count: number;
  readonly complete: boolean;
  readonly error: unknown;
  /** The first page is on its way. */
  readonly pending: boolean;
}

/** What loading again has brought to light. */
export interface Refreshed<T> {
  /** Newer than any here. */
  readonly newer: readonly T[];
  /** Ids of those that have their place among what is here, and are not there. */
  readonly come: readonly string[];
  /** Ids of those here that no longer belong to the list. */
  readonly gone: readonly string[];
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
  #loading = 0;
  /** Told of while pages were on their way, which may have been read before: bounded by that while. */
  readonly #heard = new Map<string, T>();
  /** What the reader's own action took away, as it was last heard of. */
  readonly #away = new Map<string, T>();
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
    this.#announce();
    void this.#fetch(Math.min(this.#looked, this.#pages.length - 1));
    void this.#fetch(this.#pages.length - 1);
  }

  /** Changes a row where it is. */
  update(changed: T): void {
    const { id } = changed;
    if (this.#loading > 0) this.#heard.set(id, asFresh(changed, this.#heard.get(id)));
    if (this.#away.has(id)) this.#away.set(id, asFresh(changed, this.#away.get(id)));
    this.#change((rows) => {
      const at = rows.findIndex((row) => row.id === id);
      const old = rows[at];
      return old && old.version <= changed.version ? rows.with(at, changed) : rows;
    });
  }

  /** Puts rows in front: they are newer than every other. @returns false when the front is not here */
  prepend(rows: readonly T[]): boolean {
    const first = this.#pages[0];
    if (!first?.rows) return false;
    const fresh = rows.filter((row) => this.find(row.id) === undefined);
    first.rows = [...fresh, ...first.rows];
    first.size = first.rows.length;
    this.#announce();
    return true;
  }

  /** Whether a row that belongs to the list has its place in what is here, and is not there. */
  lacks(id: string): boolean {
    if (this.#away.has(id) || this.find(id) !== undefined) return false;
    const page = this.#pages.find(
      ({ lastId }) => lastId !== undefined && this.#compare(id, lastId) <= 0,
    );
    return page ? page.rows !== undefined : this.#complete;
  }

  /** What was taken away belongs elsewhere by now: should it come back, that is news. */
  letGoOf(id: string): void {
    this.#away.delete(id);
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
    for (const [, row] of taken) this.#away.set(row.id, row);
    this.#announce();
    return () => {
      for (const [page, row] of taken) {
        const latest = this.#away.get(row.id) ?? row;
        this.#away.delete(row.id);
        if (!page.rows || page.rows.some((each) => each.id === row.id)) continue;
        page.rows = [...page.rows, latest].sort((a, b) => this.#compare(a.id, b.id));
        page.size = page.rows.length;
      }
      this.#announce();
    };
  }

  /** Loads again what is here, without moving it: for after events were lost. */
  async refresh(): Promise<Refreshed<T>> {
    // Not "it is on its way": what is on its way may have been read before the events were lost.
    await this.#first;
    const pages = this.#pages.filter(({ rows }) => rows !== undefined);
    const before = pages.flatMap(({ rows }) => rows ?? []);
    const loaded = await Promise.all(pages.map((page) => this.#loadWhole(page)));
    const rows = loaded.flatMap(({ data }) => data);
    for (const row of rows) this.update(row);
    const newest = this.row(0)?.id;
    const isNewer = (id: string) => newest === undefined || this.#compare(id, newest) < 0;
    const listed = new Set(rows.map(({ id }) => id));
    return {
      newer: rows.filter(({ id }) => this.find(id) === undefined && isNewer(id)),
      come: rows.map(({ id }) => id).filter((id) => !isNewer(id) && this.lacks(id)),
      gone: before.map(({ id }) => id).filter((id) => !listed.has(id) && this.find(id)),
    };
  }

  #begin(index: number): void {
    const fetched = this.#fetch(index);
    this.#first ??= fetched;
  }

  async #fetch(index: number): Promise<void> {
    const page = this.#pages[index];
    if (!page || page.rows || page.loading || this.#error) return;
    page.loading = true;
    this.#loading += 1;
    try {
      const { data, nextCursor } = await this.#loadWhole(page);
      page.rows = data.map((row) => asFresh(row, this.#heard.get(row.id)));
      page.size = page.rows.length;
      if (page.lastId === undefined) {
        page.lastId = data.at(-1)?.id;
        if (nextCursor === null) this.#complete = true;
        else this.#pages.push(newPage(nextCursor));
      }
      this.#letGo();
    } catch (error) {
      this.#error = error;
    } finally {
      page.loading = false;
      this.#loading -= 1;
      if (this.#loading === 0) this.#heard.clear();
    }
    this.#announce();
  }

  /**
   * Asked for again, a page is still what lies between its cursor and its last row: after rows were
   * taken away it would reach into the next one, and after some came not as far as that.
   */
  async #loadWhole({ cursor, lastId: last }: Page<T>): Promise<LoadedPage<T>> {
    let { data, nextCursor } = await this.#load(cursor);
    if (last === undefined) return { data, nextCursor };
    const isBefore = (row: T | undefined) => row !== undefined && this.#compare(row.id, last) < 0;
    while (nextCursor !== null && isBefore(data.at(-1))) {
      const more = await this.#load(nextCursor);
      data = [...data, ...more.data];
      nextCursor = more.nextCursor;
    }
    return { data: data.filter((row) => this.#compare(row.id, last) <= 0), nextCursor };
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

  #compare(a: string, b: string): number {
    return comparePlaces(a, b, this.#oldestFirst);
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
