import type { EventLog } from "./log.ts";
import type { Continuation, RelayState } from "./relays.ts";

interface RoomStub {
  follow(name: string, state: RelayState): Promise<Continuation>;
}

const MISSED = "missed_heartbeats";

interface UpstreamOptions {
  storage: Pick<DurableObjectStorage, "sql" | "kv">;
  log: EventLog;
  roomOf: (id: string) => RoomStub;
  observers: () => number;
  apply: (continuation: Continuation) => void;
}

/** A relay's side of the room it follows. Of no use, and without cost, in the room itself. */
export class Upstream {
  readonly #options: UpstreamOptions;
  /** Kept, because alarms come to an object that remembers nothing else. */
  #room: { root: string; name: string } | undefined;
  /** Whether this instance has asked the room since it was made. */
  #caughtUp = false;
  #asking: Promise<void> | undefined;
  /** How many times in a row the room could not be reached; kept, because it sleeps in between. */
  #missed: number;

  constructor(options: UpstreamOptions) {
    this.#options = options;
    const { sql, kv } = options.storage;
    sql.exec("CREATE TABLE IF NOT EXISTS upstream (root TEXT NOT NULL, name TEXT NOT NULL)");
    this.#missed = kv.get<number>(MISSED) ?? 0;
    [this.#room] = sql
      .exec<{ root: string; name: string }>("SELECT root, name FROM upstream")
      .toArray();
  }

  get known(): boolean {
    return this.#room !== undefined;
  }

  /** An observer has come that has events up to `since`. Resolves when this log is as new as the room's. */
  async join(room: { root: string; name: string }, since = 0): Promise<void> {
    if (this.#room === undefined) {
      const { root, name } = room;
      this.#options.storage.sql.exec("INSERT INTO upstream (root, name) VALUES (?, ?)", root, name);
      this.#room = { root, name };
    }
    if (!this.#caughtUp || since > this.#options.log.head) await this.follow();
  }

  /** Asks until nothing is missing. @throws when the room cannot be reached */
  follow(): Promise<void> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  /** The same, regularly. @returns how many times in a row the room could not be reached */
  async beat(): Promise<number> {
    try {
      await this.follow();
    } catch {
      this.#note(this.#missed + 1);
      this.#caughtUp = false;
    }
    return this.#missed;
  }

  async #ask(): Promise<void> {
    const { log, roomOf, observers, apply } = this.#options;
    const room = this.#room;
    if (room === undefined) throw new Error("this object follows no room");
    for (;;) {
      const { epoch, head } = log;
      const state = { epoch, head, observers: observers() };
      const continuation = await roomOf(room.root).follow(room.name, state);
      apply(continuation);
      if (log.epoch === continuation.epoch && log.head >= continuation.head) break;
    }
    if (this.#missed > 0) this.#note(0);
    this.#caughtUp = true;
  }

  #note(missed: number): void {
    this.#missed = missed;
    this.#options.storage.kv.put(MISSED, missed);
  }
}
