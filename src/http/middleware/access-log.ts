import { createMiddleware } from "hono/factory";
import { matchedRoutes } from "hono/route";
import { METHODS } from "../../telemetry/catalogue.ts";
import { metricsOf } from "../../telemetry/isolate-metrics.ts";
import type { AppEnv } from "../router.ts";
import { handOverMetrics } from "./hand-over-metrics.ts";

/** Asked every few seconds by machines: not worth a line each. */
const QUIET_ROUTES: ReadonlySet<string> = new Set(["/healthz", "/readyz", "/metrics"]);

/**
 * One line a request, and its counters: by the route's pattern, never by the address that was asked
 * for, which may hold a token, and of which there is no end.
 */
export function accessLog() {
  return createMiddleware<AppEnv>(async function accessLog(c, next) {
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
    if (route !== "/healthz") handOverMetrics(c);
  });
}
