import { createMiddleware } from "hono/factory";

export interface RequestIdVariables {
  requestId: string;
}

const ACCEPTED = /^[A-Za-z0-9._-]{1,64}$/;

/** Takes the caller's `X-Request-Id` if it is harmless, makes one otherwise, and echoes it. */
export function requestId() {
  return createMiddleware<{ Variables: RequestIdVariables }>(async function requestId(c, next) {
    const given = c.req.header("x-request-id");
    const id = given !== undefined && ACCEPTED.test(given) ? given : crypto.randomUUID();
    c.set("requestId", id);
    await next();
    c.res.headers.set("x-request-id", id);
  });
}
