import { createMiddleware } from "hono/factory";
import { Problem } from "../problem.ts";

/**
 * Reads the whole body, refusing it at the first byte past the limit. Hono's own middleware believes
 * Content-Length when there is one; this one counts. In a urlencoded form `%XX` counts as the byte that
 * it stands for: otherwise a text in Cyrillic or Chinese could be a sixth or a ninth as long as one in
 * English.
 * @param options.maxBytes largest body accepted
 */
export function bodyLimit(options: { maxBytes: number }) {
  return createMiddleware(async function bodyLimit(c, next) {
    const { body, method } = c.req.raw;
    // A GET with a body is allowed, means nothing (RFC 9110, section 9.3.1) and is never read.
    if (body !== null && method !== "GET" && method !== "HEAD") {
      const isEscaped = /^application\/x-www-form-urlencoded\b/i.test(
        c.req.header("content-type") ?? "",
      );
      const bytes = await readAtMost(body, { ...options, isEscaped });
      c.req.raw = new Request(c.req.raw, { body: bytes });
    }
    await next();
  });
}

/** Bytes on the wire for one that an HTML form sends as `%XX`. */
const ESCAPED_BYTES = 3;

async function readAtMost(
  body: ReadableStream<Uint8Array>,
  { maxBytes, isEscaped }: { maxBytes: number; isEscaped: boolean },
) {
  const chunks: Uint8Array[] = [];
  let size = 0;
  let escapes = 0;
  for await (const chunk of untilCut(body)) {
    size += chunk.byteLength;
    if (isEscaped) escapes += countEscapes(chunk);
    // What is not an escape after all must not make room for more.
    const content = Math.max(size - (ESCAPED_BYTES - 1) * escapes, size / ESCAPED_BYTES);
    if (content > maxBytes) throw new Problem("body_too_large");
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

function countEscapes(bytes: Uint8Array): number {
  const percent = 0x25;
  let count = 0;
  for (const byte of bytes) if (byte === percent) count += 1;
  return count;
}

/** A caller who goes away in the middle of a body is no failure of ours. */
async function* untilCut(body: ReadableStream<Uint8Array>) {
  try {
    yield* body;
  } catch (cause) {
    throw new Problem("malformed_body", { detail: "The body was cut off", cause });
  }
}
