import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** An answer in JSON. */
export interface JsonAnswer {
  readonly status: number;
  readonly body: unknown;
}

/**
 * Listens on loopback for programs that speak JSON over HTTP.
 * @param options.answer must not reject; `gone` aborts when the caller has left
 * @param options.port 0, the default, takes a free one
 */
export async function serveJson(options: {
  answer(request: IncomingMessage, gone: AbortSignal): Promise<JsonAnswer>;
  port?: number | undefined;
  host: string;
}): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer(async (request, response) => {
    const gone = new AbortController();
    response.on("close", () => gone.abort());
    const { status, body } = await options.answer(request, gone.signal);
    // A refused body may still be on its way: the connection cannot serve another request.
    if (!request.complete) response.setHeader("Connection", "close");
    response.writeHead(status, { "Content-Type": "application/json" });
    response.end(JSON.stringify(body));
  });
  // A client that reuses a connection at the very moment it is closed sees an error; keep it long.
  server.keepAliveTimeout = 600_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, options.host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
