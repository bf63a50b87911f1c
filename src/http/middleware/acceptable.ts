import { createMiddleware } from "hono/factory";
import { Problem } from "../problem.ts";

/** Everything some operation of ours produces, and the ranges that cover it. */
const PRODUCED =
  /(^|[,\s])(\*\/\*|application\/(\*|json|problem\+json|x-ndjson)|text\/(\*|html|csv))\s*(;|,|$)/i;

/**
 * Refuses a read whose Accept header (RFC 9110, section 12.5.1) names nothing that we ever produce.
 * Writes are never refused for it: an odd header must not cost a lead.
 */
export function acceptable() {
  return createMiddleware(async function acceptable(c, next) {
    const accept = c.req.header("accept");
    if (c.req.method === "GET" && accept !== undefined && !PRODUCED.test(accept)) {
      throw new Problem("not_acceptable");
    }
    await next();
  });
}
