import type { RoomEvent, View } from "./protocol.ts";

/** An event as it is published: what everyone sees, and what those with the masked view see instead. */
export interface PublishedEvent {
  readonly type: string;
  /** RFC 3339 UTC. */
  readonly time: string;
  readonly data: unknown;
  /** Absent when there is nothing to mask. */
  readonly masked?: unknown;
  /** Two events with one key are one: the second is dropped. */
  readonly key?: string;
}

/** A room's event log in its SQLite: what is not in here was never sent to anybody. */
export class EventLog {
  readonly #sql: SqlStorage;
  /** Made with the log; another epoch means that ids started over. */
  readonly epoch: string;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(`CREATE TABLE IF NOT EXISTS events (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      type TEXT NOT NULL,
      time TEXT NOT NULL,
      data TEXT NOT NULL,
      masked TEXT
    )`);
    sql.exec("CREATE TABLE IF NOT EXISTS keys (key TEXT PRIMARY KEY) WITHOUT ROWID");
    sql.exec("CREATE TABLE IF NOT EXISTS room (epoch TEXT NOT NULL)");
    sql.exec(
      "INSERT INTO room (epoch) SELECT ? WHERE NOT EXISTS (SELECT 1 FROM room)",
      crypto.randomUUID(),
    );
    this.epoch = sql.exec<{ epoch: string }>("SELECT epoch FROM room").one().epoch;
  }

  /** Id of the newest event, 0 before the first. */
  get head(): number {
    return this.#sql.exec<{ head: number }>("SELECT coalesce(max(id), 0) AS head FROM events").one()
      .head;
  }

  /** Appends in order. @returns the events that are new with their ids, once for each view */
  append(events: readonly PublishedEvent[]): Record<View, RoomEvent[]> {
    const views: Record<View, RoomEvent[]> = { full: [], masked: [] };
    for (const { type, time, data, masked, key } of events) {
      if (key !== undefined && !this.#isNew(key)) continue;
      const { id } = this.#sql
        .exec<{ id: number }>(
          "INSERT INTO events (type, time, data, masked) VALUES (?, ?, ?, ?) RETURNING id",
          type,
          time,
          JSON.stringify(data),
          masked === undefined ? null : JSON.stringify(masked),
        )
        .one();
      views.full.push({ id, type, time, data });
      views.masked.push({ id, type, time, data: masked ?? data });
    }
    return views;
  }

  #isNew(key: string): boolean {
    const claimed = this.#sql.exec(
      "INSERT OR IGNORE INTO keys (key) VALUES (?) RETURNING key",
      key,
    );
    return claimed.toArray().length > 0;
  }
}
