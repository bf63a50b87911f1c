import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export const TURNSTILE_SECRET = "1x-local-turnstile-secret";

/**
 * Speaks siteverify's protocol (https://developers.cloudflare.com/turnstile/get-started/server-side-validation/):
 * a token that begins with `good` is good once, and again only under the same idempotency key.
 * `down…` is answered with 500, `confused…` with Turnstile's own internal error, `silent…` never.
 */
export async function startTurnstile(): Promise<{ url: string; close(): Promise<void> }> {
  const spent = new Map<string, string | undefined>();

  function judge(input: Record<string, string | undefined>): string[] {
    const { secret, response = "", idempotency_key: key } = input;
    if (secret === undefined || secret === "") return ["missing-input-secret"];
    if (secret !== TURNSTILE_SECRET) return ["invalid-input-secret"];
    if (response === "") return ["missing-input-response"];
    if (response.startsWith("confused")) return ["internal-error"];
    if (!response.startsWith("good")) return ["invalid-input-response"];
    if (spent.has(response) && (key === undefined || spent.get(response) !== key)) {
      return ["timeout-or-duplicate"];
    }
    spent.set(response, key);
    return [];
  }

  const server = createServer(async (request, answer) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const input = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, string>;
    if (input["response"]?.startsWith("silent")) return;
    const errors = judge(input);
    answer.writeHead(input["response"]?.startsWith("down") ? 500 : 200, {
      "content-type": "application/json",
    });
    answer.end(
      input["response"]?.startsWith("down")
        ? "upstream error"
        : JSON.stringify({ success: errors.length === 0, "error-codes": errors }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/turnstile/v0/siteverify`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
