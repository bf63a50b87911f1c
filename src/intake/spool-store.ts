import { emailKey } from "../db/email-key.ts";
import type { Announcement } from "./command.ts";

/** A write as it is handed to the spool. */
export interface NewRow {
  readonly key: string;
  readonly fingerprint: string;
  readonly neighbours?: { readonly keys: readonly string[]; readonly within: number };
  /** When the visitor sent it. */
  readonly at: number;
  readonly command: string;
  readonly version: number;
  /** JSON. */
  readonly payload: string;
}

/** `known`: it had been accepted before. `conflict`: its key was accepted with other content. */
export interface AcceptVerdict {
  readonly kind: "accepted" | "known" | "conflict";
  /** Of the row that stands for the write. */
  readonly key: string;
  readonly acceptedAt: number;
}

/** A row that waits to be replayed. */
export type WaitingRow = {
  readonly number: number;
  readonly command: string;
  readonly version: number;
  readonly payload: string;
  readonly tries: number;
};

export type SetAsideRow = {
  readonly number: number;
  readonly command: string;
  readonly version: number;
  readonly payload: string;
  readonly key: string;
  /** A code, never what a visitor typed. */
  readonly reason: string;
  /** Milliseconds since 1970, as all times in here. */
  readonly acceptedAt: number;
  readonly setAsideAt: number;
};

/** A row that holds somebody's data, waiting or set aside. */
export type HeldRow = Omit<SetAsideRow, "reason" | "setAsideAt"> & {
  readonly reason: string | null;
  readonly setAsideAt: number | null;
};

export interface SpoolStats {
  /** Rows that wait to be stored. */
  readonly depth: number;
  readonly oldestAcceptedAt: number | null;
  readonly setAside: number;
}

const COLUMNS = `number, command, version, payload, key, reason,
  accepted_at AS acceptedAt, set_aside_at AS setAsideAt`;

/** One shard's SQLite: rows in the order they came, and what is still to be announced. */
export class SpoolStore {
  readonly #storage: DurableObjectStorage;
  readonly #sql: SqlStorage;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    this.#sql = storage.sql;
    this.#sql.exec(`
      CREATE TABLE IF NOT EXISTS rows (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        key TEXT NOT NULL,
        fingerprint TEXT NOT NULL,
        command TEXT NOT NULL,
        version INTEGER NOT NULL,
        payload TEXT NOT NULL,
        accepted_at INTEGER NOT NULL,
        tries INTEGER NOT NULL DEFAULT 0,
        not_before INTEGER NOT NULL DEFAULT 0,
        reason TEXT,
        set_aside_at INTEGER,
        UNIQUE (command, key)
      );
      CREATE INDEX IF NOT EXISTS rows_waiting ON rows (number) WHERE reason IS NULL;
      CREATE INDEX IF NOT EXISTS rows_set_aside ON rows (set_aside_at) WHERE reason IS NOT NULL;
      CREATE TABLE IF NOT EXISTS outbox (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        announcement TEXT NOT NULL
      );
      CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS away (shard TEXT PRIMARY KEY, since INTEGER NOT NULL) WITHOUT ROWID;
    `);
  }

  /** Several changes as one, on disk together or not at all. */
  together<T>(work: () => T): T {
    return this.#storage.transactionSync(work);
  }

  accept(row: NewRow): AcceptVerdict {
    const { key, fingerprint, neighbours, at, command, version, payload } = row;
    const known = this.#sql
      .exec<{ key: string; fingerprint: string; acceptedAt: number }>(
        `SELECT key, fingerprint, accepted_at AS acceptedAt FROM rows
          WHERE command = ?1 AND (key = ?2 OR (
            key IN (SELECT value FROM json_each(?3)) AND abs(accepted_at - ?4) < ?5))
          ORDER BY number LIMIT 1`,
        ...[command, key, JSON.stringify(neighbours?.keys ?? []), at, neighbours?.within ?? 0],
      )
      .toArray()[0];
    if (known !== undefined) {
      const kind = known.fingerprint === fingerprint ? "known" : "conflict";
      return { kind, key: known.key, acceptedAt: known.acceptedAt };
    }
    this.#sql.exec(
      `INSERT INTO rows (key, fingerprint, command, version, payload, accepted_at)
        VALUES (?, ?, ?, ?, ?, ?)`,
      ...[key, fingerprint, command, version, payload, at],
    );
    return { kind: "accepted", key, acceptedAt: at };
  }

  /** The oldest rows whose time has come, at most `limit` of them and of about `maxBytes`. */
  waiting(now: number, limit: number, maxBytes: number): WaitingRow[] {
    const rows: WaitingRow[] = [];
    let bytes = 0;
    const cursor = this.#sql.exec<WaitingRow>(
      `SELECT number, command, version, payload, tries FROM rows
        WHERE reason IS NULL AND not_before <= ? ORDER BY number LIMIT ?`,
      ...[now, limit],
    );
    for (const row of cursor) {
      bytes += row.payload.length;
      if (rows.length > 0 && bytes > maxBytes) break;
      rows.push(row);
    }
    return rows;
  }

  /** Milliseconds since 1970 when the next row may be tried; `null` when none waits. */
  nextDue(): number | null {
    return this.#sql
      .exec<{ due: number | null }>("SELECT min(not_before) AS due FROM rows WHERE reason IS NULL")
      .one().due;
  }

  /** The row is in Postgres: it leaves, and what observers have to hear takes its place. */
  complete(number: number, announcements: readonly Announcement[]): void {
    for (const announcement of announcements) this.announce(announcement);
    this.#sql.exec("DELETE FROM rows WHERE number = ?", number);
  }

  postpone(number: number, notBefore: number): void {
    this.#sql.exec(
      "UPDATE rows SET tries = tries + 1, not_before = ? WHERE number = ?",
      ...[notBefore, number],
    );
  }

  setAside(number: number, reason: string, now: number): void {
    this.#sql.exec(
      "UPDATE rows SET reason = ?, set_aside_at = ? WHERE number = ?",
      ...[reason, now, number],
    );
  }

  listSetAside(limit: number): SetAsideRow[] {
    return this.#sql
      .exec<SetAsideRow>(
        `SELECT ${COLUMNS} FROM rows WHERE reason IS NOT NULL
          ORDER BY set_aside_at, number LIMIT ?`,
        limit,
      )
      .toArray();
  }

  findSetAside(number: number): SetAsideRow | undefined {
    return this.#sql
      .exec<SetAsideRow>(
        `SELECT ${COLUMNS} FROM rows WHERE reason IS NOT NULL AND number = ?`,
        number,
      )
      .toArray()[0];
  }

  /** @returns whether there was one */
  retry(number: number): boolean {
    const { rowsWritten } = this.#sql.exec(
      `UPDATE rows SET reason = NULL, set_aside_at = NULL, tries = 0, not_before = 0
        WHERE number = ? AND reason IS NOT NULL`,
      number,
    );
    return rowsWritten > 0;
  }

  /** @returns whether there was one */
  discard(number: number): boolean {
    return (
      this.#sql.exec("DELETE FROM rows WHERE number = ? AND reason IS NOT NULL", number)
        .rowsWritten > 0
    );
  }

  stats(): SpoolStats {
    return this.#sql
      .exec<{ depth: number; oldestAcceptedAt: number | null; setAside: number }>(
        `SELECT count(*) AS depth, min(accepted_at) AS oldestAcceptedAt,
          (SELECT count(*) FROM rows WHERE reason IS NOT NULL) AS setAside
          FROM rows WHERE reason IS NULL`,
      )
      .one();
  }

  /** Rows whose payload is of an address. @param key of `db/email-key.ts` */
  heldBy(key: string): HeldRow[] {
    return this.#numbersOf("rows", "payload ->> '$.email'", key).flatMap((number) =>
      this.#sql.exec<HeldRow>(`SELECT ${COLUMNS} FROM rows WHERE number = ?`, number).toArray(),
    );
  }

  /** Forgets them, and what is still to be said about what they became. @returns how many rows */
  erase(key: string): number {
    return this.together(() => {
      const rows = this.#numbersOf("rows", "payload ->> '$.email'", key);
      for (const number of rows) this.#sql.exec("DELETE FROM rows WHERE number = ?", number);
      const said = this.#numbersOf("outbox", "announcement ->> '$.event.data.email'", key);
      for (const number of said) this.#sql.exec("DELETE FROM outbox WHERE number = ?", number);
      return rows.length;
    });
  }

  #numbersOf(table: "rows" | "outbox", email: string, key: string): number[] {
    return this.#sql
      .exec<{ number: number; email: string }>(
        `SELECT number, ${email} AS email FROM ${table} WHERE ${email} IS NOT NULL`,
      )
      .toArray()
      .filter((row) => emailKey(String(row.email)) === key)
      .map(({ number }) => number);
  }

  announce(announcement: Announcement): void {
    this.#sql.exec("INSERT INTO outbox (announcement) VALUES (?)", JSON.stringify(announcement));
  }

  /** What is to be announced, oldest first. */
  outbox(limit: number): { number: number; announcement: Announcement }[] {
    return this.#sql
      .exec<{ number: number; announcement: string }>(
        "SELECT number, announcement FROM outbox ORDER BY number LIMIT ?",
        limit,
      )
      .toArray()
      .map(({ number, announcement }) => ({ number, announcement: JSON.parse(announcement) }));
  }

  announced(upTo: number): void {
    this.#sql.exec("DELETE FROM outbox WHERE number <= ?", upTo);
  }

  /** A number that survives eviction; 0 until it is set. */
  state(name: "failures" | "away" | "probed"): number {
    const [row] = this.#sql
      .exec<{ value: number }>("SELECT value FROM state WHERE name = ?", name)
      .toArray();
    return row?.value ?? 0;
  }

  setState(name: "failures" | "away" | "probed", value: number): void {
    this.#sql.exec("INSERT OR REPLACE INTO state (name, value) VALUES (?, ?)", name, value);
  }

  /** Shards that cannot reach the database, each since when. */
  awayShards(): { shard: string; since: number }[] {
    return this.#sql.exec<{ shard: string; since: number }>("SELECT * FROM away").toArray();
  }

  addAwayShard(shard: string, since: number): void {
    this.#sql.exec("INSERT OR IGNORE INTO away (shard, since) VALUES (?, ?)", shard, since);
  }

  removeAwayShard(shard: string): void {
    this.#sql.exec("DELETE FROM away WHERE shard = ?", shard);
  }
}
