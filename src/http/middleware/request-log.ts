import { createMiddleware } from "hono/factory";
import { createLogger, type Logger, type LogLevel } from "../../telemetry/logger.ts";

const LEVELS: readonly string[] = ["debug", "info", "warn", "error"] satisfies LogLevel[];

/** A logger bound to the request's id, there even when the configuration is broken. */
export function requestLog() {
  return createMiddleware<{ Bindings: Env; Variables: { requestId: string; log: Logger } }>(
    async function requestLog(c, next) {
      const level = LEVELS.includes(c.env.LOG_LEVEL) ? (c.env.LOG_LEVEL as LogLevel) : "info";
      c.set("log", createLogger({ level, fields: { requestId: c.var.requestId } }));
      await next();
    },
  );
}
