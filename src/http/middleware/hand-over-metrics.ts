import type { Context } from "hono";
import { flushMetrics } from "../../telemetry/isolate-metrics.ts";
import type { AppEnv } from "../router.ts";

/** Hands over what this isolate has counted, after the answer, at most every 5 s. */
export function handOverMetrics(c: Context<AppEnv>): void {
  const { requestId, log } = c.var;
  flushMetrics(c.env, {
    from: { requestId },
    log,
    after: (work) => c.executionCtx.waitUntil(work),
  });
}
