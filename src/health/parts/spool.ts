import type { Part } from "../part.ts";

/** What waits in the spool, over all shards. */
export interface SpoolFigures {
  readonly depth: number;
  /** Milliseconds since 1970; null when nothing waits. */
  readonly oldestAcceptedAt: number | null;
  readonly setAside: number;
}

/** @param options.stats throws when a shard cannot be reached or cannot write */
export function spoolPart(options: {
  stats: () => Promise<SpoolFigures>;
  now?: () => number;
}): Part {
  const { stats, now = Date.now } = options;
  return {
    name: "spool",
    storesWrites: true,
    async probe() {
      const { depth, setAside } = await stats();
      if (depth === 0 && setAside === 0) return { state: "up" };
      return { state: "degraded", detail: `${depth} waiting, ${setAside} set aside` };
    },
    async measure() {
      const { depth, oldestAcceptedAt, setAside } = await stats();
      const oldest = oldestAcceptedAt === null ? 0 : Math.max(0, (now() - oldestAcceptedAt) / 1000);
      return [
        ["outreach_spool_depth", {}, depth],
        ["outreach_spool_oldest_seconds", {}, oldest],
        ["outreach_spool_set_aside", {}, setAside],
      ];
    },
  };
}
