import type { Caller } from "../telemetry/logger.ts";
import type { Erasure } from "./erasures.ts";
import type { LoggedEvent } from "./event.ts";
import { FRAME_CHARACTERS, FRAME_EVENTS } from "./frames.ts";
import type { EventLog } from "./log.ts";
import { regionIn, relayName } from "./region.ts";

/** What the room pushes to a relay. */
export interface Push {
  readonly epoch: string;
  /** The relay should hold everything up to here. */
  readonly after: number;
  readonly events: readonly LoggedEvent[];
  /** In the whole room. */
  readonly observers: number;
}

/** What a relay says of itself, when it is pushed to or asks for what it missed. */
export interface RelayState {
  readonly epoch: string;
  readonly head: number;
  readonly observers: number;
}

/** The room's answer to a relay that asks. */
export interface Continuation {
  readonly epoch: string;
  /** Id of the room's newest event. */
  readonly head: number;
  /** Set when the relay's log is of no use: it begins anew after this event. */
  readonly restartAfter?: number;
  readonly events: readonly LoggedEvent[];
  readonly observers: number;
}

/** The room's side of one relay; what is not in the table is known again after the relay's next word. */
interface Relay {
  readonly name: string;
  readonly region: string;
  observers: number;
  /** As it is in the table. */
  storedObservers: number;
  /** Newest event it is known to hold. */
  head: number;
  told: number;
  busy: boolean;
  failures: number;
  retryAt: number;
  /** When an observer was last sent to it, or it last spoke. */
  heardAt: number;
}

interface RelayStub {
  accept(push: Push): Promise<RelayState>;
  erase(erasure: Erasure, from?: Caller): Promise<number>;
}

const RETRY_MS = 1_000;
/** Given up after so many failed pushes in a row. A relay that still lives asks by itself. */
const GIVE_UP_AFTER = 5;
/** How long an empty relay stays in the table: an observer may be on the way to it. */
const EMPTY_MS = 60_000;

/**
 * The relays of a room: objects of the same class, each with its own copy of the log and its own
 * sockets. The room pushes to each what it has not confirmed yet, one call at a time, so order is that
 * of the log and a relay that is slow or gone holds up nobody else.
 */
export class Relays {
  readonly #sql: SqlStorage;
  readonly #log: EventLog;
  readonly #id: string;
  readonly #stubOf: (name: string) => RelayStub;
  readonly #relays = new Map<string, Relay>();

  /** @param options.id of the room's object, the first part of every relay's name */
  constructor(options: {
    sql: SqlStorage;
    log: EventLog;
    id: string;
    stubOf: (name: string) => RelayStub;
  }) {
    this.#sql = options.sql;
    this.#log = options.log;
    this.#id = options.id;
    this.#stubOf = options.stubOf;
    this.#sql.exec(
      `CREATE TABLE IF NOT EXISTS relays (
        name TEXT PRIMARY KEY, region TEXT NOT NULL, observers INTEGER NOT NULL DEFAULT 0
      ) WITHOUT ROWID`,
    );
    const counts = "SELECT 1 FROM pragma_table_info('relays') WHERE name = 'observers'";
    if (this.#sql.exec(counts).toArray().length === 0) {
      this.#sql.exec("ALTER TABLE relays ADD COLUMN observers INTEGER NOT NULL DEFAULT 0");
    }
    // Also of relays that are no longer pushed to: a copy of the log stays with them until it is too old.
    // Bounded by the names there are, which are used again.
    this.#sql.exec("CREATE TABLE IF NOT EXISTS copies (name TEXT PRIMARY KEY) WITHOUT ROWID");
    this.#sql.exec("INSERT OR IGNORE INTO copies (name) SELECT name FROM relays");
    const kept = this.#sql.exec<{ name: string; region: string; observers: number }>(
      "SELECT name, region, observers FROM relays",
    );
    for (const { name, region, observers } of kept) {
      // As if it had just spoken: whoever is awake again has heard nobody for as long as it slept.
      const relay = newRelay(name, region, this.#log.head, Date.now());
      this.#relays.set(name, { ...relay, observers, storedObservers: observers });
    }
  }

  get size(): number {
    return this.#relays.size;
  }

  get observers(): number {
    let sum = 0;
    for (const { observers } of this.#relays.values()) sum += observers;
    return sum;
  }

  /** The relay that the next observer of this region goes to: the fullest that has room. @returns its name */
  assign(region: string, perRelay: number, now: number): string {
    let best: Relay | undefined;
    for (const relay of this.#relays.values()) {
      if (relay.region !== region || relay.observers >= perRelay) continue;
      if (best === undefined || relay.observers > best.observers) best = relay;
    }
    if (best === undefined) {
      let number = 1;
      while (this.#relays.has(relayName(this.#id, region, number))) number += 1;
      best = this.#add(relayName(this.#id, region, number), region, now);
    }
    best.observers += 1;
    best.heardAt = now;
    return best.name;
  }

  /** A relay has spoken. @returns what it has missed, one page */
  answer(name: string, state: RelayState, room: { now: number }): Omit<Continuation, "observers"> {
    const relay = this.#relays.get(name) ?? this.#add(name, regionIn(name), room.now);
    this.#heard(relay, state);
    relay.heardAt = room.now;
    const { epoch, floor, head } = this.#log;
    if (state.epoch !== epoch || state.head < floor || state.head > head) {
      return { epoch, head, restartAfter: floor, events: [] };
    }
    // Not `relay.head`: a push may be under way, and only a relay's confirmation counts.
    return { epoch, head, events: this.#page(state.head) };
  }

  /**
   * Brings every relay up to the log's head. Resolves when all that can be reached are there.
   * @param room.observers what the room tells of its presence; asked again before each call
   */
  async push(room: { observers: () => number; now: number }): Promise<void> {
    this.#dropEmpty(room.now);
    const due = [...this.#relays.values()].filter(({ retryAt }) => retryAt <= room.now);
    await Promise.all(due.map((relay) => this.#pump(relay, room)));
  }

  /** Erases from every copy of the log that there may be. @throws when one cannot be reached */
  async erase(erasure: Erasure, from: Caller | undefined): Promise<void> {
    const copies = this.#sql.exec<{ name: string }>("SELECT name FROM copies").toArray();
    await Promise.all(copies.map(({ name }) => this.#stubOf(name).erase(erasure, from)));
  }

  /** When a failed push is due again, milliseconds since 1970; Infinity when none has failed. */
  get retryAt(): number {
    let first = Number.POSITIVE_INFINITY;
    for (const { retryAt } of this.#relays.values()) {
      if (retryAt > 0) first = Math.min(first, retryAt);
    }
    return first;
  }

  async #pump(relay: Relay, room: { observers: () => number; now: number }): Promise<void> {
    if (relay.busy) return;
    relay.busy = true;
    try {
      while (relay.head < this.#log.head || relay.told !== room.observers()) {
        // Behind the log's beginning: whatever is pushed makes the relay ask, and begin anew.
        if (relay.head < this.#log.floor) relay.head = this.#log.head;
        const observers = room.observers();
        const events = this.#page(relay.head);
        const push: Push = { epoch: this.#log.epoch, after: relay.head, events, observers };
        const state = await this.#stubOf(relay.name).accept(push);
        this.#heard(relay, state);
        relay.told = observers;
        if (state.epoch !== this.#log.epoch || state.head < relay.head) {
          throw new Error("the relay does not follow");
        }
        relay.head = state.head;
      }
    } catch {
      relay.failures += 1;
      relay.retryAt = Date.now() + RETRY_MS * 2 ** (relay.failures - 1);
      if (relay.failures >= GIVE_UP_AFTER) this.#remove(relay.name);
    } finally {
      relay.busy = false;
    }
  }

  #page(after: number): LoggedEvent[] {
    return this.#log.read(after, { events: FRAME_EVENTS, characters: FRAME_CHARACTERS });
  }

  #dropEmpty(now: number): void {
    for (const { name, observers, heardAt } of this.#relays.values()) {
      if (observers === 0 && now - heardAt > EMPTY_MS) this.#remove(name);
    }
  }

  #heard(relay: Relay, { observers }: RelayState): void {
    relay.observers = observers;
    relay.failures = 0;
    relay.retryAt = 0;
    if (relay.storedObservers === observers) return;
    relay.storedObservers = observers;
    this.#sql.exec("UPDATE relays SET observers = ? WHERE name = ?", observers, relay.name);
  }

  #add(name: string, region: string, now: number): Relay {
    this.#sql.exec("INSERT OR IGNORE INTO relays (name, region) VALUES (?, ?)", name, region);
    this.#sql.exec("INSERT OR IGNORE INTO copies (name) VALUES (?)", name);
    const relay = newRelay(name, region, this.#log.head, now);
    this.#relays.set(name, relay);
    return relay;
  }

  #remove(name: string): void {
    this.#sql.exec("DELETE FROM relays WHERE name = ?", name);
    this.#relays.delete(name);
  }
}

function newRelay(name: string, region: string, head: number, heardAt: number): Relay {
  return {
    name,
    region,
    observers: 0,
    storedObservers: 0,
    head,
    told: 0,
    busy: false,
    failures: 0,
    retryAt: 0,
    heardAt,
  };
}
