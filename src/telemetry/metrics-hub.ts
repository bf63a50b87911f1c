import { DurableObject } from "cloudflare:workers";
import { type Caller, loggerFor } from "./logger.ts";
import type { Batch, Sample } from "./metrics.ts";

/** An isolate that has not been heard of for so long is gone. */
const SOURCE_LIFE_MS = 7 * 24 * 3600_000;
const CLEANUP_INTERVAL_MS = 3600_000;

/**
 * A shard of the totals over all isolates, in SQLite: they survive eviction and deploys, and never
 * go backwards. An isolate always talks to the same shard, so a batch that is sent again is known.
 */
export class MetricsHub extends DurableObject<Env> {
  #cleanedAt = 0;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    ctx.storage.sql.exec(`CREATE TABLE IF NOT EXISTS totals (
      family TEXT NOT NULL,
      labels TEXT NOT NULL,
      bucket TEXT NOT NULL,
      value REAL NOT NULL,
      PRIMARY KEY (family, labels, bucket)
    ) WITHOUT ROWID`);
    ctx.storage.sql.exec(`CREATE TABLE IF NOT EXISTS sources (
      source TEXT PRIMARY KEY,
      sequence INTEGER NOT NULL,
      heard_at INTEGER NOT NULL
    ) WITHOUT ROWID`);
  }

  /**
   * Adds a batch, unless it was added before. Both writes are one transaction: a Durable Object
   * commits what happens without an `await` in between as a whole.
   * @returns whether it was new
   */
  add({ source, sequence, samples }: Batch, from?: Caller): boolean {
    const { sql } = this.ctx.storage;
    const now = Date.now();
    const { rowsWritten } = sql.exec(
      `INSERT INTO sources (source, sequence, heard_at) VALUES (?, ?, ?)
        ON CONFLICT (source) DO UPDATE SET sequence = excluded.sequence, heard_at = excluded.heard_at
        WHERE excluded.sequence > sources.sequence`,
      source,
      sequence,
      now,
    );
    const isNew = rowsWritten > 0;
    loggerFor(this.env, from).debug("counters handed over", { series: samples.length, isNew });
    if (!isNew) return false;
    sql.exec(
      `INSERT INTO totals (family, labels, bucket, value)
        SELECT value->>0, value->>1, value->>2, value->>3 FROM json_each(?) WHERE true
        ON CONFLICT (family, labels, bucket) DO UPDATE SET value = totals.value + excluded.value`,
      JSON.stringify(samples),
    );
    if (now - this.#cleanedAt > CLEANUP_INTERVAL_MS) {
      this.#cleanedAt = now;
      sql.exec("DELETE FROM sources WHERE heard_at < ?", now - SOURCE_LIFE_MS);
    }
    return true;
  }

  /** All series of this shard since it was first heard of. */
  totals(from?: Caller): Sample[] {
    loggerFor(this.env, from).debug("counters read");
    return this.ctx.storage.sql
      .exec<{ family: string; labels: string; bucket: string; value: number }>(
        "SELECT * FROM totals",
      )
      .toArray()
      .map(({ family, labels, bucket, value }) => [family, labels, bucket, value] as const);
  }

  /** Answers, so that a probe knows that it can. */
  ping(from?: Caller): void {
    loggerFor(this.env, from).debug("hub pinged");
  }
}
