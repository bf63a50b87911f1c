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
  /** In seconds; 0 when nothing waits. */
  const age = (since: number | null) => (since === null ? 0 : Math.max(0, now() - since) / 1000);
  return {
    name: "spool",
    storesWrites: true,
    async probe() {
      const { depth, oldestAcceptedAt, setAside } = await stats();
      const oldestSeconds = Math.round(age(oldestAcceptedAt));
      // Accepted, but not where it belongs.
      const state = depth + setAside > 0 ? "degraded" : "up";
      return { state, depth, oldestSeconds, setAside };
    },
    async measure() {
      const { depth, oldestAcceptedAt, setAside } = await stats();
      return [
        ["outreach_spool_depth", {}, depth],
        ["outreach_spool_oldest_seconds", {}, age(oldestAcceptedAt)],
        ["outreach_spool_set_aside", {}, setAside],
      ];
    },
  };
}
