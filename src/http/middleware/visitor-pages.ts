import { createMiddleware } from "hono/factory";
import type { AppEnv } from "../router.ts";
import { wantsPage } from "../submission-body.ts";
import { visitorProblemPage } from "../visitor-problem-page.ts";

/**
 * Shows a visitor's browser a page also for what goes wrong before a route knows what was typed: a body
 * that is too large or cannot be read, a configuration that is broken.
 */
export function visitorPages() {
  return createMiddleware<AppEnv>(async function visitorPages(c, next) {
    const isProgram = c.req.header("content-type")?.startsWith("application/json") ?? false;
    if (wantsPage(c) && !isProgram) {
      c.set("problemPage", (problem) => visitorProblemPage(problem, c.var.requestId));
    }
    await next();
  });
}
