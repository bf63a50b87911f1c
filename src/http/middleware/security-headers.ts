import { createMiddleware } from "hono/factory";

/** A year, the least that browsers' preload lists ask for (RFC 6797). */
const HSTS = "max-age=31536000; includeSubDomains";

/** For answers that are no page: nothing in them is to be loaded, framed or run. */
const NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const ALWAYS: Readonly<Record<string, string>> = {
  "strict-transport-security": HSTS,
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
  "x-permitted-cross-domain-policies": "none",
};

const UNLESS_SET: Readonly<Record<string, string>> = {
  "content-security-policy": NOTHING,
  // Answers hold names and addresses; a page that may be kept says so itself.
  "cache-control": "no-store",
};

/**
 * Headers that every answer carries. A page brings its own Content-Security-Policy; what has none
 * may do nothing at all. Answers to an allowed origin's fetch are governed by CORS, which the
 * resource policy does not touch.
 */
export function securityHeaders() {
  return createMiddleware(async function securityHeaders(c, next) {
    await next();
    // An upgrade has no document, and the object's own answer must pass through unchanged.
    if (c.res.status === 101) return;
    for (const [name, value] of Object.entries(ALWAYS)) c.res.headers.set(name, value);
    for (const [name, value] of Object.entries(UNLESS_SET)) {
      if (!c.res.headers.has(name)) c.res.headers.set(name, value);
    }
  });
}
