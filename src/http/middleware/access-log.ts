import { createMiddleware } from "hono/factory";
import { matchedRoutes } from "hono/route";
import { METHODS } from "../../telemetry/catalogue.ts";
import { flushMetrics, metricsOf } from "../../telemetry/isolate-metrics.ts";
import type { Logger } from "../../telemetry/logger.ts";

/** Asked every few seconds by machines: not worth a line each. */
const QUIET_ROUTES: ReadonlySet<string> = new Set(["/healthz", "/readyz", "/metrics"]);

/**
 * One line a request, and its counters: by the route's pattern, never by the address that was asked
 * for, which may hold a token, and of which there is no end.
 */
export function accessLog() {
  return createMiddleware<{ Bindings: Env; Variables: { log: Logger } }>(
    async function accessLog(c, next) {
      const start = performance.now();
      await next();
      const duration = performance.now() - start;
      const route = matchedRoutes(c).findLast((match) => match.method !== "ALL")?.path ?? "none";
      const { status } = c.res;
      c.var.log[QUIET_ROUTES.has(route) ? "debug" : "info"]("request", {
        method: c.req.method,
        route,
        status,
        durationMs: Math.round(duration),
      });
      const method = METHODS.find((known) => known === c.req.method) ?? "other";
      const metrics = metricsOf(c.env);
      metrics.count("outreach_http_requests_total", { route, method, status: String(status) });
      metrics.observe("outreach_http_request_duration_seconds", { route, method }, duration / 1000);
      // Whether the Worker is alive must not depend on anything, not even afterwards.
      if (route === "/healthz") return;
      flushMetrics(c.env, {
        after: (work) => c.executionCtx.waitUntil(work),
        failed: (error) => {
          metrics.count("outreach_dependency_errors_total", { dependency: "metrics" });
          const name = error instanceof Error ? error.name : "unknown";
          c.var.log.warn("metrics not handed over", { error: name });
        },
      });
    },
  );
}
