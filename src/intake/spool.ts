import { DurableObject } from "cloudflare:workers";
import { makeReplayDeps } from "../deps.ts";
import { createLogger, type Logger } from "../telemetry/logger.ts";
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
  async accept(row: NewRow): Promise<AcceptVerdict> {
    const armed = (await this.ctx.storage.getAlarm()) !== null;
    // Without an await in between, the row and its alarm reach the disk together.
    const verdict = this.#store.accept(row);
    if (!armed) void this.ctx.storage.setAlarm(Date.now() + FIRST_REPLAY_MS);
    return verdict;
  }

  /** The database is back, somebody says: replay now. */
  async wake(): Promise<void> {
    if (this.#store.nextDue() === null) return;
    this.#wanted = true;
    await this.ctx.storage.setAlarm(Date.now());
  }

  /** @throws when the object cannot write */
  async stats(): Promise<SpoolStats> {
    const now = Date.now();
    if (now - this.#store.state("probed") >= PROBE_MS) this.#store.setState("probed", now);
    const stats = this.#store.stats();
    // Never needed as far as we know; but whoever is asked how it goes may as well make sure.
    if (stats.depth > 0) await this.#armIfNot(now + FIRST_REPLAY_MS);
    return stats;
  }

  setAside(limit: number): SetAsideRow[] {
    return this.#store.listSetAside(limit);
  }

  findSetAside(number: number): SetAsideRow | undefined {
    return this.#store.findSetAside(number);
  }

  async retry(number: number): Promise<boolean> {
    const found = this.#store.retry(number);
    if (found) await this.ctx.storage.setAlarm(Date.now());
    return found;
  }

  discard(number: number): boolean {
    return this.#store.discard(number);
  }

  /** Rows of an address. @param key of `db/email-key.ts` */
  heldBy(key: string): HeldRow[] {
    return this.#store.heldBy(key);
  }

  /**
   * Forgets the rows of an address for good. Afterwards none of them is on its way to Postgres: what
   * is not there by then never will be. @returns how many there were
   */
  async erase(key: string): Promise<number> {
    // Until it was the last one: an alarm may follow another.
    for (let seen: unknown; seen !== this.#working; ) {
      seen = this.#working;
      await this.#working;
    }
    return this.#store.erase(key);
  }

  /** A shard has found that the database is away. Announced for the first one only. */
  async noteAway(shard: string): Promise<void> {
    const first = this.#store.awayShards().length === 0;
    const since = Date.now();
    this.#store.together(() => {
      this.#store.addAwayShard(shard, since);
      if (first) this.#store.announce(awayAnnouncement({ since }));
    });
    await this.#armIfNot(Date.now());
  }

  /** A shard has stored something again. Announced for the last one only. */
  async noteBack(shard: string): Promise<void> {
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
      this.#logger().error("spool failed", {
        error: error instanceof Error ? error.name : "unknown",
      });
      next = Date.now() + this.#countFailure();
    }
    if (next !== null) await this.ctx.storage.setAlarm(next).catch(() => undefined);
  }

  /** @returns when to go on, `null` when there is nothing left to do */
  async #work(): Promise<number | null> {
    this.#wanted = false;
    const shard = this.ctx.id.toString();
    const { context, log } = makeReplayDeps(this.env, { requestId: crypto.randomUUID() });
    const failures = this.#store.state("failures");
    const result = await replay({
      store: this.#store,
      commands: COMMANDS,
      context,
      shard,
      failures,
      log,
    });
    if (result.kind !== "away" && failures > 0) this.#store.setState("failures", 0);
    const delay = result.kind === "away" ? this.#countFailure() : 0;
    // A refused privilege or a missing table keeps rows waiting as well, but nothing is away.
    if (result.kind !== "away") await this.#tellOutage(false);
    else if (result.failure.kind === "unavailable") await this.#tellOutage(true);
    const said = await this.#announceAll(log);
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
  async #tellOutage(away: boolean): Promise<void> {
    if (this.#store.state("away") === Number(away)) return;
    const watch = this.env.SPOOL.getByName(OUTAGE_WATCH);
    const shard = this.ctx.id.toString();
    await (away ? watch.noteAway(shard) : watch.noteBack(shard));
    this.#store.setState("away", Number(away));
  }

  /** In order, each room in one call. @returns whether nothing is left */
  async #announceAll(log: Logger): Promise<boolean> {
    for (;;) {
      const pending = this.#store.outbox(ANNOUNCE_BATCH);
      const last = pending.at(-1);
      if (last === undefined) return true;
      const byRoom = Map.groupBy(pending, ({ announcement }) => announcement.room);
      try {
        for (const [room, group] of byRoom) {
          await this.env.ROOMS.getByName(room).publish(
            group.map((each) => each.announcement.event),
          );
        }
      } catch (error) {
        const name = error instanceof Error ? error.name : "unknown";
        log.error("Socket event service not ready", { rooms: [...byRoom.keys()], error: name });
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

  /** For when the configuration itself is broken. */
  #logger(): Logger {
    return createLogger({ level: "info" });
  }
}
