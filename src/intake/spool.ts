import { DurableObject } from "cloudflare:workers";
import { makeReplayDeps } from "../deps.ts";
import { flushMetrics } from "../telemetry/isolate-metrics.ts";
import { type Caller, type Logger, loggerFor, nameOf } from "../telemetry/logger.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import { COMMANDS } from "./commands.ts";
import { awayAnnouncement, backAnnouncement } from "./operations.ts";
import { backOff, replay } from "./replay.ts";
import { OUTAGE_WATCH } from "./shards.ts";
import {
  type AcceptVerdict,
  type HeldRow,
  type NewRow,
  type SetAsideRow,
  type SpoolStats,
  SpoolStore,
} from "./spool-store.ts";

/** An outage that is over by then was none. */
const FIRST_REPLAY_MS = 1_000;
/** Announcements in one call. */
const ANNOUNCE_BATCH = 100;
/** How often, at most, `stats` proves by writing that the object can write. */
const PROBE_MS = 5_000;
/** Of whether the watch thinks that this shard's database is away: neither 0 nor 1. */
const UNCERTAIN = 2;

/**
 * Holds accepted writes on its disk while Postgres is away, and replays them. One of a few shards;
 * the one named `OUTAGE_WATCH` holds none and puts together what the shards know of the database.
 */
export class Spool extends DurableObject<Env> {
  readonly #store: SpoolStore;
  #wanted = false;
  /** Settles when no row is on its way to Postgres. */
  #working: Promise<unknown> = Promise.resolve();

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#store = new SpoolStore(ctx.storage);
  }

  /** The answer leaves after the row is on disk: the output gate holds it until then. */
  async accept(row: NewRow, from?: Caller): Promise<AcceptVerdict> {
    const armed = (await this.ctx.storage.getAlarm()) !== null;
    // Without an await in between, the row and its alarm reach the disk together.
    const verdict = this.#store.accept(row);
    if (!armed) void this.ctx.storage.setAlarm(Date.now() + FIRST_REPLAY_MS);
    const { command } = row;
    loggerFor(this.env, from).info("write taken in", { command, verdict: verdict.kind });
    return verdict;
  }

  /** The database is back, somebody says: replay now. */
  async wake(from?: Caller): Promise<void> {
    loggerFor(this.env, from).debug("spool woken");
    if (this.#store.nextDue() === null) return;
    this.#wanted = true;
    await this.ctx.storage.setAlarm(Date.now());
  }

  /** @throws when the object cannot write */
  async stats(from?: Caller): Promise<SpoolStats> {
    loggerFor(this.env, from).debug("spool looked at");
    const now = Date.now();
    if (now - this.#store.state("probed") >= PROBE_MS) this.#store.setState("probed", now);
    const stats = this.#store.stats();
    // Never needed as far as we know; but whoever is asked how it goes may as well make sure.
    if (stats.depth > 0) await this.#armIfNot(now + FIRST_REPLAY_MS);
    return stats;
  }

  setAside(limit: number, from?: Caller): SetAsideRow[] {
    loggerFor(this.env, from).debug("set-aside writes listed");
    return this.#store.listSetAside(limit);
  }

  findSetAside(number: number, from?: Caller): SetAsideRow | undefined {
    loggerFor(this.env, from).debug("set-aside write read", { number });
    return this.#store.findSetAside(number);
  }

  async retry(number: number, from?: Caller): Promise<boolean> {
    const found = this.#store.retry(number);
    loggerFor(this.env, from).info("set-aside write put back", { number, found });
    if (found) await this.ctx.storage.setAlarm(Date.now());
    return found;
  }

  discard(number: number, from?: Caller): boolean {
    const found = this.#store.discard(number);
    loggerFor(this.env, from).info("set-aside write forgotten", { number, found });
    return found;
  }

  /** Rows of an address. @param key of `db/email-key.ts` */
  heldBy(key: string, from?: Caller): HeldRow[] {
    const rows = this.#store.heldBy(key);
    loggerFor(this.env, from).info("spool searched", { rows: rows.length });
    return rows;
  }

  /**
   * Forgets the rows of an address for good. Afterwards none of them is on its way to Postgres: what
   * is not there by then never will be. @returns how many there were
   */
  async erase(key: string, from?: Caller): Promise<number> {
    // Until it was the last one: an alarm may follow another.
    for (let seen: unknown; seen !== this.#working; ) {
      seen = this.#working;
      await this.#working;
    }
    const rows = this.#store.erase(key);
    loggerFor(this.env, from).info("spool erased", { rows });
    return rows;
  }

  /** A shard has found that the database is away. Announced for the first one only. */
  async noteAway(shard: string, from?: Caller): Promise<void> {
    loggerFor(this.env, from).info("database away for a shard", { shard });
    const first = this.#store.awayShards().length === 0;
    const since = Date.now();
    this.#store.together(() => {
      this.#store.addAwayShard(shard, since);
      if (first) this.#store.announce(awayAnnouncement({ since }));
    });
    await this.#armIfNot(Date.now());
  }

  /** A shard has stored something again. Announced for the last one only. */
  async noteBack(shard: string, from?: Caller): Promise<void> {
    loggerFor(this.env, from).info("database back for a shard", { shard });
    const away = this.#store.awayShards();
    const since = Math.min(...away.map((each) => each.since));
    const last = away.length === 1 && away[0]?.shard === shard;
    this.#store.together(() => {
      this.#store.removeAwayShard(shard);
      if (last) this.#store.announce(backAnnouncement({ since, at: Date.now() }));
    });
    await this.#armIfNot(Date.now());
  }

  /**
   * Never throws, because a handler that throws six times is dropped; and never ends without an
   * alarm while there is something to do.
   */
  override async alarm(): Promise<void> {
    let next: number | null;
    try {
      const work = this.#work();
      this.#working = work.catch(() => undefined);
      next = await work;
    } catch (error) {
      loggerFor(this.env).error("spool failed", { error: nameOf(error) });
      next = Date.now() + this.#countFailure();
    }
    if (next !== null) await this.ctx.storage.setAlarm(next).catch(() => undefined);
  }

  /** @returns when to go on, `null` when there is nothing left to do */
  async #work(): Promise<number | null> {
    this.#wanted = false;
    const shard = this.ctx.id.toString();
    const from = { requestId: crypto.randomUUID() };
    const { context, log, metrics } = makeReplayDeps(this.env, from);
    const failures = this.#store.state("failures");
    const result = await replay({
      store: this.#store,
      commands: COMMANDS,
      context,
      shard,
      failures,
      log,
      metrics,
    });
    if (result.kind !== "away" && failures > 0) this.#store.setState("failures", 0);
    const delay = result.kind === "away" ? this.#countFailure() : 0;
    // A refused privilege or a missing table keeps rows waiting as well, but nothing is away.
    if (result.kind !== "away") await this.#tellOutage(false, from);
    else if (result.failure.kind === "unavailable") await this.#tellOutage(true, from);
    const said = await this.#announceAll(log, metrics, from);
    flushMetrics(this.env, { from, log, after: (work) => this.ctx.waitUntil(work) });
    // From here on without an await, so that a row that comes in meanwhile is not overlooked.
    const now = Date.now();
    const due = result.kind === "idle" ? this.#store.nextDue() : now + delay;
    if (this.#wanted) return now;
    return said ? due : Math.min(due ?? Number.POSITIVE_INFINITY, now + FIRST_REPLAY_MS);
  }

  #countFailure(): number {
    const failures = this.#store.state("failures") + 1;
    this.#store.setState("failures", failures);
    return backOff(failures);
  }

  /** Tells the watch when this shard's view has changed; what failed is told next time. */
  async #tellOutage(away: boolean, from: Caller): Promise<void> {
    if (this.#store.state("away") === Number(away)) return;
    // Until it has answered nobody knows what the watch knows.
    this.#store.setState("away", UNCERTAIN);
    const watch = this.env.SPOOL.getByName(OUTAGE_WATCH);
    const shard = this.ctx.id.toString();
    await (away ? watch.noteAway(shard, from) : watch.noteBack(shard, from));
    this.#store.setState("away", Number(away));
  }

  /** In order, each room in one call. @returns whether nothing is left */
  async #announceAll(log: Logger, metrics: Metrics, from: Caller): Promise<boolean> {
    for (;;) {
      const pending = this.#store.outbox(ANNOUNCE_BATCH);
      const last = pending.at(-1);
      if (last === undefined) return true;
      const byRoom = Map.groupBy(pending, ({ announcement }) => announcement.room);
      try {
        for (const [room, group] of byRoom) {
          await this.env.ROOMS.getByName(room).publish(
            group.map((each) => each.announcement.event),
            from,
          );
          metrics.count("outreach_room_events_total", { room }, group.length);
        }
      } catch (error) {
        metrics.count("outreach_dependency_errors_total", { dependency: "rooms" });
        const rooms = [...byRoom.keys()];
        log.error("Socket event service not ready", { rooms, error: nameOf(error) });
        return false;
      }
      this.#store.announced(last.number);
      for (const { announcement } of pending) {
        const { message, about, event, room } = announcement;
        log.info(message, { ...about, type: event.type, rooms: [room] });
      }
    }
  }

  async #armIfNot(at: number): Promise<void> {
    if ((await this.ctx.storage.getAlarm()) === null) await this.ctx.storage.setAlarm(at);
  }
}
