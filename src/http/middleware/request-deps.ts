import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import { makeDeps } from "../../deps.ts";
import type { AppEnv } from "../router.ts";
import { handOverMetrics } from "./hand-over-metrics.ts";

/** RFC 9110, section 9.2.1: nothing is lost when these are not finished. */
const SAFE_METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/** Gives the request its `deps`, and runs what they put off once the answer is on its way. */
export function requestDeps() {
  return createMiddleware<AppEnv>(async function requestDeps(c, next) {
    const afterwards: (() => Promise<void>)[] = [];
    let answered = false;
    // A turn of the event loop, so that the answer leaves first.
    const run = (work: () => Promise<void>) =>
      c.executionCtx.waitUntil(
        scheduler
          .wait(0)
          .then(work)
          // This work counts as well, and perhaps no other request follows.
          .finally(() => handOverMetrics(c)),
      );
    // What runs afterwards may put off more.
    const after = (work: () => Promise<void>) =>
      answered ? run(work) : void afterwards.push(work);
    c.set("deps", depsOf(c, after));
    const answer = next();
    // Cloudflare stops working for a caller who has gone, but who sends a message and closes the page
    // has sent it.
    if (!SAFE_METHODS.has(c.req.method)) c.executionCtx.waitUntil(answer.catch(() => {}));
    await answer;
    answered = true;
    afterwards.forEach(run);
  });
}

/** @throws {ConfigError} when the environment cannot be used */
export function depsOf(c: Context<AppEnv>, after: (work: () => Promise<void>) => void = () => {}) {
  const background = (work: Promise<unknown>) => c.executionCtx.waitUntil(work);
  return makeDeps(c.env, { requestId: c.var.requestId, background, after });
}
