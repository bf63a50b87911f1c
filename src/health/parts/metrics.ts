import type { Part } from "../part.ts";

/** The totals over all isolates. Without them the counters wait in the isolates. */
export function metricsPart(options: { ping: () => Promise<void> }): Part {
  return {
    name: "metrics",
    async probe() {
      await options.ping();
      return { state: "up" };
    },
  };
}
