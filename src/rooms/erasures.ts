import { emailKey } from "../db/email-key.ts";
import type { LoggedEvent } from "./event.ts";

/** Whose data leaves a room. */
export interface Erasure {
  /** Of `db/email-key.ts`. */
  readonly emailKey: string;
  /** Whatever is theirs: events about these hold data of theirs also where the address is another. */
  readonly ids: readonly string[];
}

/** How long an event about something that was erased may be under way. */
const KEEP_MS = 60 * 60 * 1000;

/** Takes data out of a log's events, and keeps it out: an event about it may still be under way. */
export class Erasures {
  readonly #sql: SqlStorage;
  #ids: ReadonlySet<string> = new Set();

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(
      "CREATE TABLE IF NOT EXISTS erased (id TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID",
    );
    this.#read();
  }

  /** Within a transaction. @returns how many events held data */
  erase({ emailKey: key, ids }: Erasure, now: number): number {
    const theirs = new Set(ids);
    for (const id of theirs) {
      this.#sql.exec("INSERT OR REPLACE INTO erased (id, at) VALUES (?, ?)", id, now);
    }
    this.forget(now);
    // The data itself stays where it is: a log is up to ten thousand events of some kilobytes.
    const held = this.#sql
      .exec<{ id: number; type: string; about: string | null; email: string | null }>(
        `SELECT id, type, data ->> '$.id' AS about, data ->> '$.email' AS email FROM log
          WHERE type NOT LIKE '%.erased'`,
      )
      .toArray()
      .filter(
        ({ about, email }) =>
          (about !== null && theirs.has(about)) ||
          (email !== null && emailKey(String(email)) === key),
      );
    for (const { id, type, about } of held) {
      const left = erased(type, about);
      this.#sql.exec(
        "UPDATE log SET type = ?, data = ?, masked = NULL WHERE id = ?",
        ...[left.type, left.data, id],
      );
    }
    return held.length;
  }

  /** The event as it may be logged. */
  redact<Event extends Pick<LoggedEvent, "type" | "data" | "masked">>(event: Event): Event {
    if (this.#ids.size === 0) return event;
    const { id } = Object(JSON.parse(event.data)) as { id?: unknown };
    if (typeof id !== "string" || !this.#ids.has(id)) return event;
    return { ...event, ...erased(event.type, id), masked: null };
  }

  /** Ends what is older than any event that may still come. @param now milliseconds since 1970 */
  forget(now: number): void {
    this.#sql.exec("DELETE FROM erased WHERE at <= ?", now - KEEP_MS);
    this.#read();
  }

  #read(): void {
    const rows = this.#sql.exec<{ id: string }>("SELECT id FROM erased").toArray();
    this.#ids = new Set(rows.map(({ id }) => id));
  }
}

/** `inquiry.updated` becomes `inquiry.erased`, which observers know anyway. */
function erased(type: string, id: string | null): { type: string; data: string } {
  return { type: `${type.split(".")[0]}.erased`, data: JSON.stringify({ id }) };
}
