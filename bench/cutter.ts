import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** TCP proxies, one for each client, that can tear a client's connection at any byte. */
export async function startCutter(target: number, clients: number) {
  const open: Set<Socket>[] = [];
  const servers: Server[] = [];
  for (let i = 0; i < clients; i += 1) {
    const mine = new Set<Socket>();
    const server = createServer((near) => {
      const far = connect(target, "127.0.0.1");
      mine.add(near);
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        one.on("error", () => other.destroy());
        one.on("close", () => other.destroy());
        one.pipe(other);
      }
      near.on("close", () => mine.delete(near));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    open.push(mine);
    servers.push(server);
  }
  return {
    ports: servers.map((server) => (server.address() as AddressInfo).port),
    /** Resets whatever the client has open now. */
    cut(client: number): void {
      for (const socket of open[client] ?? []) socket.resetAndDestroy();
    },
    async close(): Promise<void> {
      await Promise.all(
        servers.map((server, i) => {
          const closed = once(server, "close");
          server.close();
          for (const socket of open[i] ?? []) socket.destroy();
          return closed;
        }),
      );
    },
  };
}
