import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";

/**
 * What happens between the Worker and the database's HTTP layer:
 * `refuse` closes the connection, `hang` says nothing for five seconds, `cut` loses the answer after
 * the statement was committed, `half` loses the second half of it, `standby` leads to a server that
 * takes no submissions and answers everything else.
 */
export type NetworkFault =
  | "none"
  | "refuse"
  | "standby"
  | "error"
  | "garbage"
  | "hang"
  | "cut"
  | "half";

/** How long `hang` says nothing, ms. */
export const HANG_MS = 5_000;

export interface FaultProxy {
  readonly url: string;
  fault: NetworkFault;
  /** Requests that arrived, also those that met a fault. */
  readonly requests: number;
  close(): Promise<void>;
}

/** A real network that breaks on command, in front of a real server. @param target its URL */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const pass = (
    { method, headers }: IncomingMessage,
    statement: Buffer,
    response: ServerResponse,
    fault: NetworkFault,
  ) => {
    const outgoing = request(target, { method, headers }, async (answer) => {
      const body = await readAll(answer);
      if (fault === "cut") return response.destroy();
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      if (fault !== "half") return response.end(body);
      response.write(body.subarray(0, body.length / 2), () => response.destroy());
    });
    outgoing.on("error", () => response.destroy());
    outgoing.end(statement);
  };
  const proxy = { fault: "none" as NetworkFault, requests: 0 };
  const server = createServer((incoming, response) => {
    proxy.requests += 1;
    response.on("error", () => undefined);
    // A caller may give up while its request is still being read.
    meet(incoming, response, proxy.fault).catch(() => response.destroy());
  });
  async function meet(incoming: IncomingMessage, response: ServerResponse, fault: NetworkFault) {
    switch (fault) {
      case "refuse":
        incoming.socket.destroy();
        return;
      case "error":
        response.writeHead(500).end("upstream connect error");
        return;
      case "garbage":
        response.writeHead(200, { "content-type": "text/html" }).end("<h1>Sorry</h1>");
        return;
      case "hang":
        await delay(HANG_MS, undefined, { ref: false });
        response.destroy();
        return;
      case "standby": {
        const body = await readAll(incoming);
        if (body.includes('insert into \\"inquiries\\"')) {
          response.writeHead(400, { "content-type": "application/json" });
          response.end(JSON.stringify({ message: "read only", code: "25006" }));
        } else pass(incoming, body, response, fault);
        return;
      }
      default:
        pass(incoming, await readAll(incoming), response, fault);
        return;
    }
  }
  server.keepAliveTimeout = 600_000;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return Object.assign(proxy, {
    url: `http://127.0.0.1:${port}/sql`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}

async function readAll(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
