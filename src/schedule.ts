import { makeDeps } from "./deps.ts";
import { ANNOUNCED } from "./intake/announced.ts";
import { sweep } from "./intake/sweep.ts";
import { flushMetrics } from "./telemetry/isolate-metrics.ts";
import { loggerFor, nameOf } from "./telemetry/logger.ts";

/** What the Worker does every minute though nobody asks (`triggers` in wrangler.toml). Never throws. */
export async function runSchedule(env: Env, ctx: ExecutionContext): Promise<void> {
  const requestId = crypto.randomUUID();
  const log = loggerFor(env, { requestId });
  try {
    const deps = makeDeps(env, {
      requestId,
      background: (work) => ctx.waitUntil(work),
      after: (work) => ctx.waitUntil(work()),
    });
    await sweep(deps, ANNOUNCED);
  } catch (error) {
    log.error("scheduled work failed", { error: nameOf(error) });
  }
  flushMetrics(env, { from: { requestId }, log, after: (work) => ctx.waitUntil(work) });
}
