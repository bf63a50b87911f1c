import { type Erasure, Erasures } from "./erasures.ts";
import { type EncodedEvent, type LoggedEvent, sizeOf } from "./event.ts";

export const KEEP_EVENTS = 10_000;
export const KEEP_MS = 7 * 24 * 60 * 60 * 1000;
/** Keys are known for at least so long, also when their events were trimmed before. */
export const KEEP_KEYS_MS = 60 * 60 * 1000;
/** The log is cut to `KEEP_EVENTS` only when it is this much longer: one deletion for many events. */
const TRIM_SLACK = 500;

const COLUMNS = "id, at, key, type, time, data, masked";

/** A room's event log in its SQLite: what is not in here was never sent to anybody. */
export class EventLog {
  readonly #storage: DurableObjectStorage;
  #epoch: string;
  #head: number;
  #floor: number;
  readonly #erasures: Erasures;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    const { sql } = storage;
    sql.exec(`CREATE TABLE IF NOT EXISTS log (
      id INTEGER PRIMARY KEY, at INTEGER NOT NULL, key TEXT, type TEXT NOT NULL, time TEXT NOT NULL,
      data TEXT NOT NULL, masked TEXT
    )`);
    sql.exec("CREATE UNIQUE INDEX IF NOT EXISTS log_key ON log (key) WHERE key IS NOT NULL");
    sql.exec(
      "CREATE TABLE IF NOT EXISTS old_keys (key TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID",
    );
    sql.exec("CREATE TABLE IF NOT EXISTS log_state (epoch TEXT NOT NULL, floor INTEGER NOT NULL)");
    sql.exec(
      "INSERT INTO log_state (epoch, floor) SELECT ?, 0 WHERE NOT EXISTS (SELECT 1 FROM log_state)",
      crypto.randomUUID(),
    );
    const state = sql
      .exec<{ epoch: string; floor: number; head: number }>(
        "SELECT epoch, floor, coalesce((SELECT max(id) FROM log), floor) AS head FROM log_state",
      )
      .one();
    this.#epoch = state.epoch;
    this.#floor = state.floor;
    this.#head = state.head;
    this.#erasures = new Erasures(sql);
  }

  /** Made with the log; another epoch means that ids started over. */
  get epoch(): string {
    return this.#epoch;
  }

  /** Id of the newest event, 0 before the first. */
  get head(): number {
    return this.#head;
  }

  /** Id of the newest event that was trimmed: what came after it is all here. */
  get floor(): number {
    return this.#floor;
  }

  /**
   * Appends in order, all or none, in one transaction.
   * @param events encoded by `encodeEvent`
   * @returns those that are new, with their ids
   */
  append(events: readonly EncodedEvent[], now: number): LoggedEvent[] {
    const logged: LoggedEvent[] = [];
    this.#storage.transactionSync(() => {
      for (const event of events) {
        const kept = this.#erasures.redact(event);
        const next: LoggedEvent = { ...kept, id: this.#head + logged.length + 1, at: now };
        if (this.#insert(next)) logged.push(next);
      }
    });
    this.#advance(logged.length, now);
    return logged;
  }

  /** Which of these keys stand for nothing that was ever logged, as far as keys are still known. */
  unlogged(keys: readonly string[]): string[] {
    return this.#storage.sql
      .exec<{ key: string }>(
        `SELECT value AS key FROM json_each(?)
          WHERE NOT EXISTS (SELECT 1 FROM log WHERE log.key = value)
            AND NOT EXISTS (SELECT 1 FROM old_keys WHERE old_keys.key = value)`,
        JSON.stringify(keys),
      )
      .toArray()
      .map(({ key }) => key);
  }

  /**
   * Takes over events of the room that this log follows; those it has already do no harm.
   * @returns those that are new, or undefined when they would leave a gap
   */
  replicate(events: readonly LoggedEvent[]): LoggedEvent[] | undefined {
    const fresh = events
      .filter(({ id }) => id > this.#head)
      .map((event) => this.#erasures.redact(event));
    const [first] = fresh;
    if (first === undefined) return [];
    if (first.id !== this.#head + 1) return undefined;
    this.#storage.transactionSync(() => {
      // The room has looked at the keys.
      for (const event of fresh) this.#insert({ ...event, key: null });
    });
    this.#advance(fresh.length, Date.now());
    return fresh;
  }

  /**
   * Leaves of every event that holds data of theirs that something was erased: its id, its place, its
   * time and its key stay.
   * @returns how many events held data
   */
  erase(erasure: Erasure, now: number): number {
    return this.#storage.transactionSync(() => this.#erasures.erase(erasure, now));
  }

  /** Forgets everything and begins after event `head` of `epoch`. */
  restart(epoch: string, head: number): void {
    this.#storage.transactionSync(() => {
      this.#storage.sql.exec("DELETE FROM log");
      this.#storage.sql.exec("UPDATE log_state SET epoch = ?, floor = ?", epoch, head);
    });
    this.#epoch = epoch;
    this.#floor = head;
    this.#head = head;
  }

  /**
   * What follows event `after`, oldest first: at most `limit.events`, and `limit.characters` of them
   * unless the first alone is larger.
   */
  read(after: number, limit: { events: number; characters: number; to?: number }): LoggedEvent[] {
    const rows: LoggedEvent[] = [];
    let characters = 0;
    const cursor = this.#storage.sql.exec<LoggedEvent>(
      `SELECT ${COLUMNS} FROM log WHERE id > ? AND id <= ? ORDER BY id LIMIT ?`,
      after,
      limit.to ?? this.#head,
      limit.events,
    );
    for (const row of cursor) {
      characters += sizeOf(row);
      if (rows.length > 0 && characters > limit.characters) break;
      rows.push(row);
    }
    return rows;
  }

  /** @returns for each id from `first` on, how many characters the events after it have up to `last` */
  charactersAfter(first: number, last: number): Map<number, number> {
    const sizes = this.#storage.sql.exec<{ id: number; size: number }>(
      `SELECT id, max(length(data), coalesce(length(masked), 0)) AS size FROM log
        WHERE id > ? AND id <= ? ORDER BY id DESC`,
      ...[first, last],
    );
    const characters = new Map<number, number>();
    let sum = 0;
    for (const { id, size } of sizes) {
      sum += size;
      characters.set(id - 1, sum);
    }
    return characters;
  }

  /** Removes what is older than `KEEP_MS`. @returns when to come again, if anything is left */
  trim(now: number): number | undefined {
    const { old } = this.#storage.sql
      .exec<{ old: number | null }>("SELECT max(id) AS old FROM log WHERE at <= ?", now - KEEP_MS)
      .one();
    if (old !== null) this.#trimTo(old, now);
    this.#erasures.forget(now);
    const { oldest } = this.#storage.sql
      .exec<{ oldest: number | null }>("SELECT at AS oldest FROM log ORDER BY id LIMIT 1")
      .toArray()[0] ?? { oldest: null };
    return oldest === null ? undefined : oldest + KEEP_MS;
  }

  /** @returns false when the key was logged before */
  #insert({ id, at, key, type, time, data, masked }: LoggedEvent): boolean {
    const inserted = this.#storage.sql.exec(
      `INSERT INTO log (${COLUMNS}) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7
        WHERE NOT EXISTS (SELECT 1 FROM old_keys WHERE key = ?3)
       ON CONFLICT (key) WHERE key IS NOT NULL DO NOTHING RETURNING 1`,
      ...[id, at, key, type, time, data, masked],
    );
    return !inserted.next().done;
  }

  #advance(events: number, now: number): void {
    this.#head += events;
    if (this.#head - this.#floor >= KEEP_EVENTS + TRIM_SLACK)
      this.#trimTo(this.#head - KEEP_EVENTS, now);
  }

  #trimTo(id: number, now: number): void {
    const { sql } = this.#storage;
    this.#storage.transactionSync(() => {
      sql.exec("DELETE FROM old_keys WHERE at <= ?", now - KEEP_KEYS_MS);
      // Seldom any: so many events within so short a time are a rush.
      sql.exec(
        `INSERT OR IGNORE INTO old_keys (key, at)
          SELECT key, at FROM log WHERE id <= ? AND key IS NOT NULL AND at > ?`,
        ...[id, now - KEEP_KEYS_MS],
      );
      sql.exec("DELETE FROM log WHERE id <= ?", id);
      this.#setFloor(id);
    });
  }

  #setFloor(id: number): void {
    this.#storage.sql.exec("UPDATE log_state SET floor = ?", id);
    this.#floor = id;
  }
}
