import { createMiddleware } from "hono/factory";
import { Problem } from "../problem.ts";

/**
 * Reads the whole body, refusing it at the first byte past the limit. Hono's own middleware believes
 * Content-Length when there is one; this one counts.
 * @param options.maxBytes largest body accepted
 */
export function bodyLimit(options: { maxBytes: number }) {
  return createMiddleware(async function bodyLimit(c, next) {
    const { body, method } = c.req.raw;
    // A GET with a body is allowed, means nothing (RFC 9110, section 9.3.1) and is never read.
    if (body !== null && method !== "GET" && method !== "HEAD") {
      const bytes = await readAtMost(body, options.maxBytes);
      c.req.raw = new Request(c.req.raw, { body: bytes });
    }
    await next();
  });
}

async function readAtMost(body: ReadableStream<Uint8Array>, maxBytes: number) {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of untilCut(body)) {
    size += chunk.byteLength;
    if (size > maxBytes) throw new Problem("body_too_large");
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}

/** A caller who goes away in the middle of a body is no failure of ours. */
async function* untilCut(body: ReadableStream<Uint8Array>) {
  try {
    yield* body;
  } catch (cause) {
    throw new Problem("malformed_body", { detail: "The body was cut off", cause });
  }
}
