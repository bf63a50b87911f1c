import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { type ObserveOptions, type ObserverState, observeRoom } from "../../src/rooms/client.ts";

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
  vi.unstubAllGlobals();
});

const EPOCH = "0b1c9d8e-6f0a-4a52-9d0e-3f5b7c1a2d4e";

/** A room played by the test: every connection is handed to it, with what the client asked for. */
async function aRoom() {
  const server: Server = createServer((_request, response) => response.writeHead(426).end());
  const sockets = new WebSocketServer({ noServer: true });
  const arrivals: {
    socket: WebSocket;
    query: URLSearchParams;
    protocol: string;
    message: () => Promise<string>;
  }[] = [];
  let wake = () => {};
  let refuse: number | undefined;
  server.on("upgrade", (request, tcp, head) => {
    if (refuse !== undefined) {
      tcp.end(`HTTP/1.1 ${refuse} No\r\nConnection: close\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(request, tcp, head, (socket) => {
      const query = new URL(request.url ?? "", "http://room.test").searchParams;
      const protocol = request.headers["sec-websocket-protocol"] ?? "";
      arrivals.push({ socket, query, protocol, message: messagesOf(socket) });
      wake();
    });
  });
  server.on("request", (_request, response) => {
    if (refuse !== undefined && !response.headersSent) response.statusCode = refuse;
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  open.push(() => {
    for (const socket of sockets.clients) socket.terminate();
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/rooms/inquiries`,
    refuseWith(status: number): void {
      refuse = status;
      server.removeAllListeners("request");
      server.on("request", (_request, response) => response.writeHead(status).end());
    },
    async arrival() {
      while (arrivals.length === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      const { socket, message, ...asked } = arrivals.shift() as (typeof arrivals)[number];
      const tell = (frame: object) => socket.send(JSON.stringify(frame));
      return {
        ...asked,
        socket,
        hello: (frame: object) =>
          tell({ type: "hello", room: "inquiries", epoch: EPOCH, gap: 0, ...frame }),
        events: (from: number, to: number, more?: true) =>
          tell({
            type: "events",
            events: Array.from({ length: to - from + 1 }, (_, i) => ({
              id: from + i,
              type: "t",
              time: "2026-11-22T09:30:00.000Z",
              data: {},
            })),
            ...(more && { more }),
          }),
        message,
      };
    },
  };
}

/** Hands out what the socket has sent from its first moment on, one at a time. */
function messagesOf(socket: WebSocket): () => Promise<string> {
  const waiting: string[] = [];
  let wake = () => {};
  socket.on("message", (data) => {
    waiting.push(String(data));
    wake();
  });
  return async () => {
    while (waiting.length === 0) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    return waiting.shift() ?? "";
  };
}

/** A client of it, and what its application sees. */
function aClient(url: string, options: Partial<ObserveOptions> = {}) {
  const ids: number[] = [];
  const states: ObserverState[] = [];
  const reloads: number[] = [];
  let wake = () => {};
  const observer = observeRoom({
    url,
    token: () => "a.b.c",
    backoff: { baseMs: 1, capMs: 5 },
    onEvents: (events) => {
      ids.push(...events.map(({ id }) => id));
      wake();
    },
    onReload: ({ head }) => void reloads.push(head),
    onState: (state) => {
      states.push(state);
      wake();
    },
    ...options,
  });
  open.push(() => observer.close());
  const until = async (condition: () => boolean) => {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  return { observer, ids, states, reloads, until };
}

/** What a browser would tell its window. */
function aPage(): EventTarget {
  const page = new EventTarget();
  vi.stubGlobal("addEventListener", page.addEventListener.bind(page));
  vi.stubGlobal("removeEventListener", page.removeEventListener.bind(page));
  return page;
}

describe("the room client", () => {
  it("offers its token as a subprotocol, reloads once, and is live", async () => {
    const room = await aRoom();
    const client = aClient(room.url);
    const arrival = await room.arrival();
    expect(arrival.protocol).toBe("outreach.v1, bearer.a.b.c");
    expect([...arrival.query.keys()]).toEqual([]);
    arrival.hello({ head: 7, recovered: false });
    await client.until(() => client.observer.state === "live");
    expect(client.reloads).toEqual([7]);
    expect(client.states).toEqual(["reloading", "live"]);
    expect(client.observer.position).toEqual({ since: 7, epoch: EPOCH });
  });

  it("resumes where it was, without reloading, and drops what it has seen", async () => {
    const room = await aRoom();
    const client = aClient(room.url);
    const first = await room.arrival();
    first.hello({ head: 0, recovered: false });
    first.events(1, 3);
    await client.until(() => client.ids.length === 3);
    first.socket.terminate();
    const second = await room.arrival();
    expect(Object.fromEntries(second.query)).toEqual({ since: "3", epoch: EPOCH });
    second.hello({ head: 5, recovered: true });
    second.events(2, 5);
    await client.until(() => client.ids.length === 5);
    expect(client.ids).toEqual([1, 2, 3, 4, 5]);
    expect(client.reloads).toEqual([0]);
    expect(client.states).toEqual(["reloading", "live", "offline", "connecting", "live"]);
  });

  it("holds events back while the application reloads, and drops those it has loaded", async () => {
    const room = await aRoom();
    let loaded = () => {};
    const client = aClient(room.url, {
      onReload: () =>
        new Promise<void>((resolve) => {
          loaded = resolve;
        }),
    });
    const arrival = await room.arrival();
    arrival.hello({ head: 4, recovered: false });
    arrival.events(4, 6);
    await client.until(() => client.observer.state === "reloading");
    expect(client.ids).toEqual([]);
    loaded();
    await client.until(() => client.observer.state === "live");
    expect(client.ids).toEqual([5, 6]);
  });

  it("reloads again when the application could not", async () => {
    const room = await aRoom();
    let attempts = 0;
    const client = aClient(room.url, {
      onReload: async () => {
        attempts += 1;
        if (attempts === 1) throw new Error("no network");
      },
    });
    (await room.arrival()).hello({ head: 4, recovered: false });
    const second = await room.arrival();
    expect(second.query.has("since")).toBe(false);
    second.hello({ head: 4, recovered: false });
    await client.until(() => client.observer.state === "live");
    expect(attempts).toBe(2);
  });

  it("acknowledges a frame of a replay at once, live events only now and then", async () => {
    const room = await aRoom();
    aClient(room.url);
    const arrival = await room.arrival();
    arrival.hello({ head: 0, recovered: false });
    arrival.events(1, 10);
    arrival.events(11, 20, true);
    expect(await arrival.message()).toBe('{"type":"ack","id":20}');
    for (let i = 0; i < 25; i += 1) arrival.events(21 + i * 10, 30 + i * 10);
    expect(await arrival.message()).toBe('{"type":"ack","id":270}');
  });

  it("takes a new token when the old one has expired, at once", async () => {
    const room = await aRoom();
    let tokens = 0;
    const client = aClient(room.url, {
      token: () => `token${++tokens}`,
      backoff: { baseMs: 3_600_000 },
    });
    const first = await room.arrival();
    first.hello({ head: 0, recovered: false });
    await client.until(() => client.observer.state === "live");
    first.socket.close(4401);
    expect((await room.arrival()).protocol).toBe("outreach.v1, bearer.token2");
  });

  it("stops when its roles do not allow the room", async () => {
    const room = await aRoom();
    room.refuseWith(403);
    const client = aClient(room.url, { backoff: { baseMs: 3_600_000, capMs: 3_600_000 } });
    await client.until(() => client.observer.state === "refused");
    expect(client.states).toEqual(["offline", "refused"]);
  });

  it("stops when its roles no longer allow the room", async () => {
    const room = await aRoom();
    const client = aClient(room.url, { backoff: { baseMs: 3_600_000 } });
    const arrival = await room.arrival();
    arrival.hello({ head: 0, recovered: false });
    await client.until(() => client.observer.state === "live");
    arrival.socket.close(4403);
    await client.until(() => client.observer.state === "refused");
    expect(client.states.at(-1)).toBe("refused");
  });

  it("tries again as long as the server is away, and says so", async () => {
    const room = await aRoom();
    room.refuseWith(503);
    let attempts = 0;
    const client = aClient(room.url, {
      token: () => {
        attempts += 1;
        return "a";
      },
    });
    await client.until(() => attempts > 3);
    expect(new Set(client.states)).toEqual(new Set(["offline", "connecting"]));
  });

  it("notices a connection whose other end has vanished", async () => {
    const room = await aRoom();
    const client = aClient(room.url, { pingMs: 250, answerMs: 50 });
    const first = await room.arrival();
    first.hello({ head: 0, recovered: false });
    expect(await first.message()).toBe("ping");
    const second = await room.arrival();
    expect(second.query.get("since")).toBe("0");
    expect(client.states).toContain("offline");
  });

  it("keeps a connection that answers", async () => {
    const room = await aRoom();
    const client = aClient(room.url, { pingMs: 500, answerMs: 250 });
    const arrival = await room.arrival();
    arrival.hello({ head: 0, recovered: false });
    for (let pings = 0; pings < 3; pings += 1) {
      expect(await arrival.message()).toBe("ping");
      arrival.socket.send("pong");
    }
    expect(client.states).not.toContain("offline");
  });

  it("keeps a connection that answers, however seldom a hidden tab lets it ask", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "Date"] });
    onTestFinished(() => void vi.useRealTimers());
    const room = await aRoom();
    const client = aClient(room.url);
    const first = await room.arrival();
    first.hello({ head: 0, recovered: false });
    await client.until(() => client.observer.state === "live");
    for (const id of [1, 3]) {
      // Browsers run the timers of a tab that nobody looks at once a minute.
      vi.setSystemTime(Date.now() + 35_000);
      vi.advanceTimersByTime(25_000);
      expect(await first.message()).toBe("ping");
      first.socket.send("pong");
      // Behind the pong, so that this one has been taken in when it is seen.
      first.events(id, id + 1);
      await client.until(() => client.ids.includes(id + 1));
    }
    expect(client.states).not.toContain("offline");
  });

  it.each(["online", "visibilitychange"])(
    "asks at once after %s, and leaves a connection that does not answer",
    async (sign) => {
      const page = aPage();
      const room = await aRoom();
      const client = aClient(room.url, { answerMs: 20 });
      const first = await room.arrival();
      first.hello({ head: 0, recovered: false });
      await client.until(() => client.observer.state === "live");
      page.dispatchEvent(new Event(sign));
      expect(await first.message()).toBe("ping");
      await room.arrival();
      expect(client.states).toContain("offline");
    },
  );

  it.each(["online", "visibilitychange"])("tries again at once after %s", async (sign) => {
    const page = aPage();
    const room = await aRoom();
    const client = aClient(room.url, { backoff: { baseMs: 3_600_000, capMs: 3_600_000 } });
    (await room.arrival()).socket.terminate();
    await client.until(() => client.observer.state === "offline");
    page.dispatchEvent(new Event(sign));
    await room.arrival();
  });

  it("is closed for good by close()", async () => {
    const room = await aRoom();
    const client = aClient(room.url);
    const arrival = await room.arrival();
    arrival.hello({ head: 0, recovered: false });
    await client.until(() => client.observer.state === "live");
    const closed = once(arrival.socket, "close");
    client.observer.close();
    await closed;
    expect(client.observer.state).toBe("closed");
  });
});
