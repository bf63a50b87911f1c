import { createMiddleware } from "hono/factory";
import { createLogger, type Logger, levelOf } from "../../telemetry/logger.ts";

/** A logger bound to the request's id, there even when the configuration is broken. */
export function requestLog() {
  return createMiddleware<{ Bindings: Env; Variables: { requestId: string; log: Logger } }>(
    async function requestLog(c, next) {
      const level = levelOf(c.env.LOG_LEVEL);
      c.set("log", createLogger({ level, fields: { requestId: c.var.requestId } }));
      await next();
    },
  );
}
