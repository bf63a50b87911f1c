import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { type ObserveOptions, type ObserverState, observeRoom } from "../../src/rooms/client.ts";

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
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
    /** Lets whoever comes next wait for an answer. */
    knock(): Promise<Duplex> {
      server.removeAllListeners("upgrade");
      return new Promise((resolve) => {
        server.on("upgrade", (_request, tcp) => {
          open.push(() => tcp.destroy());
          resolve(tcp.resume());
        });
      });
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
        tell,
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
function aClient(url: string, { onEvents, onState, ...options }: Partial<ObserveOptions> = {}) {
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
      onEvents?.(events);
    },
    onReload: ({ head }) => void reloads.push(head),
    onState: (state) => {
      states.push(state);
      wake();
      onState?.(state);
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

type Client = ReturnType<typeof aClient>;

/** Time stands still until the test moves it, and every wait is as long as it may be. */
function aClock(): void {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  onTestFinished(() => void vi.useRealTimers());
  vi.spyOn(Math, "random").mockReturnValue(1);
}

/** By the test's clock. */
async function expectNextAttemptAfter(ms: number, { observer, until }: Client): Promise<void> {
  await until(() => observer.state === "offline");
  vi.advanceTimersByTime(ms - 1);
  expect(observer.state).toBe("offline");
  vi.advanceTimersByTime(1);
  expect(observer.state).toBe("connecting");
}

/** What would have ended the process. */
function uncaught(): Error[] {
  const errors: Error[] = [];
  const vitests = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  process.on("uncaughtException", (error) => errors.push(error));
  onTestFinished(() => {
    process.removeAllListeners("uncaughtException");
    for (const listener of vitests) process.on("uncaughtException", listener);
  });
  return errors;
}

/** An `onReload` whose every call ends when the test says so. */
function reloadsByHand() {
  const reloads: (PromiseWithResolvers<void> & { over: AbortSignal })[] = [];
  const onReload: ObserveOptions["onReload"] = (_hello, over) => {
    const reload = Promise.withResolvers<void>();
    reloads.push({ ...reload, over });
    return reload.promise;
  };
  return { reloads, onReload };
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
    const asked = vi.spyOn(globalThis, "fetch");
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
    // Why it was refused: it was not.
    expect(asked).not.toHaveBeenCalled();
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

  it.each([
    ["rejected", () => Promise.reject(new Error("no network"))],
    [
      "threw",
      () => {
        throw new Error("no network");
      },
    ],
  ])("reloads again when the application's reload %s", async (_how, fail) => {
    const room = await aRoom();
    let attempts = 0;
    const client = aClient(room.url, {
      onReload: () => {
        attempts += 1;
        if (attempts === 1) return fail();
      },
    });
    (await room.arrival()).hello({ head: 4, recovered: false });
    const second = await room.arrival();
    expect(second.query.has("since")).toBe(false);
    second.hello({ head: 4, recovered: false });
    await client.until(() => client.observer.state === "live");
    expect(attempts).toBe(2);
  });

  it("reloads again when the connection was lost while it did, whatever it held before", async () => {
    const room = await aRoom();
    const { reloads, onReload } = reloadsByHand();
    const client = aClient(room.url, { onReload, from: { since: 3, epoch: EPOCH } });
    const first = await room.arrival();
    expect(first.query.get("since")).toBe("3");
    first.hello({ head: 9_000, recovered: false, gap: 5 });
    await client.until(() => reloads.length === 1);
    first.socket.terminate();
    expect((await room.arrival()).query.has("since")).toBe(false);
  });

  it.each(["resolve", "reject"] as const)(
    "is not changed by the reload of an earlier connection, which may %s",
    async (end) => {
      const room = await aRoom();
      const { reloads, onReload } = reloadsByHand();
      const client = aClient(room.url, { onReload });
      const first = await room.arrival();
      first.hello({ head: 3, recovered: false });
      await client.until(() => reloads.length === 1);
      first.socket.terminate();
      const second = await room.arrival();
      second.hello({ head: 4, recovered: false });
      await client.until(() => reloads.length === 2);
      expect(reloads.map(({ over }) => over.aborted)).toEqual([true, false]);
      reloads[1]?.resolve();
      await client.until(() => client.observer.state === "live");
      reloads[0]?.[end]();
      await new Promise(setImmediate);
      expect(client.observer.position).toEqual({ since: 4, epoch: EPOCH });
      second.events(5, 5);
      await client.until(() => client.ids.length === 1);
      expect(client.observer.state).toBe("live");
      client.observer.close();
      expect(reloads[1]?.over.aborted).toBe(true);
    },
  );

  it("reloads when the room's log has begun anew, and goes on in the new epoch", async () => {
    const room = await aRoom();
    const client = aClient(room.url);
    const first = await room.arrival();
    first.hello({ head: 40, recovered: false });
    await client.until(() => client.observer.state === "live");
    first.socket.terminate();
    const second = await room.arrival();
    expect(Object.fromEntries(second.query)).toEqual({ since: "40", epoch: EPOCH });
    const epoch = "7d0f6a52-1c3e-4b8e-8a57-2f9a4be0c611";
    second.hello({ epoch, head: 2, recovered: false, gap: null });
    second.events(3, 3);
    await client.until(() => client.ids.length === 1);
    expect(client.reloads).toEqual([40, 2]);
    expect(client.ids).toEqual([3]);
    expect(client.observer.position).toEqual({ since: 3, epoch });
  });

  it("reports what the application throws as uncaught, and goes on", async () => {
    const errors = uncaught();
    const room = await aRoom();
    const { reloads, onReload } = reloadsByHand();
    const fail = (what: string) => () => {
      throw new Error(what);
    };
    const presence = Promise.withResolvers<void>();
    const client = aClient(room.url, {
      onReload,
      onEvents: fail("events"),
      onState: fail("state"),
      onPresence: () => {
        presence.resolve();
        fail("presence")();
      },
    });
    const first = await room.arrival();
    first.hello({ head: 0, recovered: false });
    await client.until(() => reloads.length === 1);
    first.events(1, 1);
    first.events(2, 2);
    first.tell({ type: "presence", observers: 2 });
    await presence.promise;
    reloads[0]?.resolve();
    await client.until(() => client.observer.state === "live");
    first.socket.terminate();
    const second = await room.arrival();
    expect(second.query.get("since")).toBe("2");
    second.hello({ head: 3, recovered: true });
    second.events(3, 3);
    await client.until(() => client.ids.length === 3);
    await new Promise(setImmediate);
    expect(client.ids).toEqual([1, 2, 3]);
    expect(client.states).toEqual(["reloading", "live", "offline", "connecting", "live"]);
    const thrown = errors.map(({ message }) => message).sort();
    const expected = { events: 3, presence: 1, state: 5 };
    expect(thrown).toEqual(Object.entries(expected).flatMap(([what, n]) => Array(n).fill(what)));
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
    aClock();
    const room = await aRoom();
    let tokens = 0;
    const client = aClient(room.url, { token: () => `token${++tokens}`, backoff: {} });
    const first = await room.arrival();
    first.hello({ head: 0, recovered: false });
    await client.until(() => client.observer.state === "live");
    vi.advanceTimersByTime(501);
    first.socket.close(4401);
    expect((await room.arrival()).protocol).toBe("outreach.v1, bearer.token2");
  });

  it("waits longer after each connection that did not last, if its token had expired, too", async () => {
    aClock();
    const room = await aRoom();
    const client = aClient(room.url, { backoff: {} });
    const goLive = async () => {
      const arrival = await room.arrival();
      arrival.hello({ head: 0, recovered: arrival.query.has("since") });
      await client.until(() => client.observer.state === "live");
      return arrival;
    };
    for (const [ms, code] of [
      [500, 4401],
      [1_000, 4401],
      [2_000, 1012],
      [4_000, 4401],
    ] as const) {
      (await goLive()).socket.close(code);
      await expectNextAttemptAfter(ms, client);
    }
    const one = await goLive();
    vi.advanceTimersByTime(8_000);
    one.socket.close(1012);
    await expectNextAttemptAfter(8_000, client);
    const lasting = await goLive();
    vi.advanceTimersByTime(16_001);
    lasting.socket.close(1012);
    await expectNextAttemptAfter(500, client);
  });

  it.each([
    [1, 500],
    [4_000, 8_000],
    [50_000, 30_000],
  ])("comes back to a room of %i observers within %i ms", async (observers, ms) => {
    aClock();
    const room = await aRoom();
    const presence = Promise.withResolvers<number>();
    const client = aClient(room.url, { backoff: {}, onPresence: presence.resolve });
    const arrival = await room.arrival();
    arrival.hello({ head: 0, recovered: false });
    arrival.tell({ type: "presence", observers });
    expect(await presence.promise).toBe(observers);
    arrival.socket.terminate();
    await expectNextAttemptAfter(ms, client);
  });

  it.each([
    ["could not be had", () => Promise.reject(new Error("no network"))],
    ["cannot be a subprotocol", () => "a.b.c\n"],
  ])("asks for a token again after a while when it %s", async (_why, fail) => {
    aClock();
    const room = await aRoom();
    let asked = 0;
    const client = aClient(room.url, {
      backoff: {},
      token: () => (++asked === 1 ? fail() : `token${asked}`),
    });
    await expectNextAttemptAfter(500, client);
    const arrival = await room.arrival();
    expect(arrival.protocol).toBe("outreach.v1, bearer.token2");
    arrival.hello({ head: 0, recovered: false });
    await client.until(() => client.observer.state === "live");
  });

  it("refuses what is no URL", () => {
    expect(() => aClient("/rooms/inquiries")).toThrow(TypeError);
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
    aClock();
    const page = aPage();
    const room = await aRoom();
    const client = aClient(room.url, { backoff: {} });
    (await room.arrival()).socket.terminate();
    await client.until(() => client.observer.state === "offline");
    page.dispatchEvent(new Event(sign));
    (await room.arrival()).socket.terminate();
    await expectNextAttemptAfter(500, client);
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

  it.each(["resolve", "reject"] as const)(
    "opens nothing when it is closed before its token is there, which may %s",
    async (end) => {
      aClock();
      const opened = vi.spyOn(globalThis, "WebSocket");
      const token = Promise.withResolvers<string>();
      const client = aClient("http://room.test", { token: () => token.promise });
      client.observer.close();
      token[end]("a.b.c");
      await new Promise(setImmediate);
      expect(opened).not.toHaveBeenCalled();
      expect(vi.getTimerCount()).toBe(0);
      expect(client.states).toEqual(["closed"]);
    },
  );

  it("hangs up when it is closed before it is connected, and says no more", async () => {
    const room = await aRoom();
    const knock = room.knock();
    const client = aClient(room.url);
    const tcp = await knock;
    client.observer.close();
    await once(tcp, "end");
    expect(client.states).toEqual(["closed"]);
  });

  it.each(["reloading", "live", "offline", "connecting"] as const)(
    "asks for nothing any more when it is closed on becoming %s",
    async (last) => {
      aClock();
      const room = await aRoom();
      let tokens = 0;
      const client: Client = aClient(room.url, {
        token: () => `token${++tokens}`,
        onState: (state) => state === last && client.observer.close(),
      });
      const becomes = (state: ObserverState) =>
        client.until(() => client.observer.state === state || client.observer.state === "closed");
      const arrival = await room.arrival();
      arrival.hello({ head: 0, recovered: false });
      await becomes("live");
      arrival.socket.terminate();
      await becomes("offline");
      vi.advanceTimersByTime(60_000);
      await new Promise(setImmediate);
      expect(client.observer.state).toBe("closed");
      expect(client.states.slice(-2)).toEqual([last, "closed"]);
      expect(client.reloads).toHaveLength(last === "reloading" ? 0 : 1);
      expect(tokens).toBe(1);
    },
  );

  it("tells of nothing any more when it is closed on being told of events", async () => {
    const room = await aRoom();
    const { reloads, onReload } = reloadsByHand();
    const presence = Promise.withResolvers<number>();
    const client: Client = aClient(room.url, {
      onReload,
      onPresence: presence.resolve,
      onEvents: () => client.observer.close(),
    });
    const arrival = await room.arrival();
    arrival.hello({ head: 0, recovered: false });
    arrival.events(1, 1);
    arrival.events(2, 2);
    // Behind the events, so that these are held back when it is seen.
    arrival.tell({ type: "presence", observers: 1 });
    await presence.promise;
    reloads[0]?.resolve();
    await client.until(() => client.observer.state === "closed");
    await new Promise(setImmediate);
    expect(client.ids).toEqual([1]);
    expect(client.states).toEqual(["reloading", "closed"]);
  });

  it("asks for nothing any more when it is closed on hearing that a connection is over", async () => {
    aClock();
    const room = await aRoom();
    let tokens = 0;
    const client: Client = aClient(room.url, {
      token: () => `token${++tokens}`,
      onReload: (_hello, over) => over.addEventListener("abort", () => client.observer.close()),
    });
    const arrival = await room.arrival();
    arrival.hello({ head: 0, recovered: false });
    await client.until(() => client.observer.state === "live");
    arrival.socket.terminate();
    await client.until(() => client.observer.state === "closed");
    vi.advanceTimersByTime(60_000);
    await new Promise(setImmediate);
    expect(tokens).toBe(1);
  });
});
