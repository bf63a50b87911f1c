import { createMiddleware } from "hono/factory";
import type { Metrics } from "../../telemetry/metrics.ts";

/**
 * Counts the public writes that were not taken, by the status they were answered with. What became
 * of those that were taken is counted where it is known.
 */
export function countRefusals(
  counter: "outreach_submissions_total" | "outreach_subscriptions_total",
) {
  return createMiddleware<{ Variables: { deps: { readonly metrics: Metrics } } }>(
    async function countRefusals(c, next) {
      await next();
      const { status } = c.res;
      if (status < 400) return;
      c.var.deps.metrics.count(counter, { outcome: outcomeOf(status) });
    },
  );
}

function outcomeOf(status: number) {
  if (status >= 500) return "failed";
  if (status === 429) return "limited";
  if (status === 413) return "too_large";
  return "invalid";
}
