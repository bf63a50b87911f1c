import { createMiddleware } from "hono/factory";
import { Problem } from "../problem.ts";

/**
 * Reads the whole body, refusing it at the first byte past the limit. Hono's own middleware believes
 * Content-Length when there is one; this one counts.
 * @param options.maxBytes largest body accepted
 */
export function bodyLimit(options: { maxBytes: number }) {
  return createMiddleware(async function bodyLimit(c, next) {
    const body = c.req.raw.body;
    if (body !== null) {
      const bytes = await readAtMost(body, options.maxBytes);
      c.req.raw = new Request(c.req.raw, { body: bytes });
    }
    await next();
  });
}

async function readAtMost(body: ReadableStream<Uint8Array>, maxBytes: number) {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
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
