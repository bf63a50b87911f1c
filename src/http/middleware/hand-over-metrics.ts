import type { Context } from "hono";
import { flushMetrics, metricsOf } from "../../telemetry/isolate-metrics.ts";
import type { AppEnv } from "../router.ts";

/** Hands over what this isolate has counted, after the answer, at most every 5 s. */
export function handOverMetrics(c: Context<AppEnv>): void {
  flushMetrics(c.env, {
    from: { requestId: c.var.requestId },
    after: (work) => c.executionCtx.waitUntil(work),
    failed: (error) => {
      metricsOf(c.env).count("outreach_dependency_errors_total", { dependency: "metrics" });
      const name = error instanceof Error ? error.name : "unknown";
      c.var.log.warn("metrics not handed over", { error: name });
    },
  });
}
