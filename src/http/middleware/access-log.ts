import { createMiddleware } from "hono/factory";
import { matchedRoutes } from "hono/route";
import type { Logger } from "../../telemetry/logger.ts";

/** One line a request: the route's pattern, never the address that was asked for (it may hold a token). */
export function accessLog() {
  return createMiddleware<{ Variables: { log: Logger } }>(async function accessLog(c, next) {
    const start = performance.now();
    await next();
    const route = matchedRoutes(c).findLast((match) => match.method !== "ALL")?.path ?? "none";
    c.var.log.info("request", {
      method: c.req.method,
      route,
      status: c.res.status,
      durationMs: Math.round(performance.now() - start),
    });
  });
}
