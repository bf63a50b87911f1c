import {
  ACK_EVERY_CHARACTERS,
  ACK_EVERY_EVENTS,
  BEARER_PROTOCOL_PREFIX,
  CLOSE,
  type EventsFrame,
  type HelloFrame,
  PING,
  PONG,
  type RoomEvent,
  type ServerFrame,
  SUBPROTOCOL,
} from "./protocol.ts";

/**
 * Where an observer stands.
 * - `connecting`: before the first `hello`, and after every loss of the connection
 * - `live`: what is shown is what is
 * - `reloading`: events were lost for good; `onReload` has not resolved yet
 * - `offline`: a connection was lost or refused; the next attempt is due at a random time
 * - `refused`: the token's roles do not allow this room, or no longer; no further attempt is made
 * - `closed`: by `close()`
 */
export type ObserverState = "connecting" | "live" | "reloading" | "offline" | "refused" | "closed";

export interface ObserveOptions {
  /** `https://…/v1/api/outreach/rooms/inquiries`, or the same with `wss:`. */
  readonly url: string | URL;
  /** Yields a JWT that is good now; asked before every attempt. */
  readonly token: () => string | Promise<string>;
  /** Every event once, in order. */
  readonly onEvents: (events: readonly RoomEvent[]) => void;
  /**
   * At the first connection, and whenever events are gone for good: load the present state. Events
   * that come meanwhile are held back until it resolves; if it rejects, the client connects anew.
   */
  readonly onReload: (hello: HelloFrame) => void | Promise<void>;
  readonly onState?: (state: ObserverState) => void;
  readonly onPresence?: (observers: number) => void;
  /** Where to go on, from an earlier `position`: then nothing is reloaded if all can be replayed. */
  readonly from?: Position;
  /** Attempts follow after a random time below `baseMs * 2^n`, at most `capMs`. Default 500, 30,000. */
  readonly backoff?: { readonly baseMs?: number; readonly capMs?: number };
  /** How often to ping, and how long silence may last after that. Default 25,000. */
  readonly pingMs?: number;
}

type Listening = "addEventListener" | "removeEventListener";

/** The newest event that was handed to `onEvents`. */
export interface Position {
  readonly since: number;
  readonly epoch: string;
}

export interface RoomObserver {
  readonly state: ObserverState;
  readonly position: Position | undefined;
  close(): void;
}

/**
 * Observes a room for as long as it takes: connects, acknowledges, comes back with full jitter after
 * a loss (AWS Architecture Blog, "Exponential Backoff And Jitter"), resumes where it was, and drops
 * what it has seen. Needs a global `WebSocket` and `fetch`: a browser, Node 22 or later, a Worker.
 */
export function observeRoom(options: ObserveOptions): RoomObserver {
  const { baseMs = 500, capMs = 30_000 } = options.backoff ?? {};
  const { pingMs = 25_000 } = options;
  let state: ObserverState = "connecting";
  let position = options.from;
  let socket: WebSocket | undefined;
  let attempts = 0;
  /** One number a connection: what an earlier one still says no longer counts. */
  let connection = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let pinger: ReturnType<typeof setInterval> | undefined;

  function become(next: ObserverState): void {
    if (next === state) return;
    state = next;
    options.onState?.(next);
  }

  async function connect(): Promise<void> {
    connection += 1;
    const mine = connection;
    become("connecting");
    let token: string;
    try {
      token = await options.token();
    } catch {
      if (mine === connection) retry();
      return;
    }
    if (mine !== connection) return;
    open(mine, token);
  }

  function open(mine: number, token: string): void {
    const url = new URL(options.url);
    url.protocol = url.protocol.replace("http", "ws");
    if (position !== undefined) {
      url.searchParams.set("since", String(position.since));
      url.searchParams.set("epoch", position.epoch);
    }
    const opened = new WebSocket(url.href, [SUBPROTOCOL, BEARER_PROTOCOL_PREFIX + token]);
    socket = opened;
    const reader = createReader(opened, mine);
    let lastHeard = Date.now();
    let pingedAt = 0;
    opened.addEventListener("message", ({ data }) => {
      if (mine !== connection) return;
      lastHeard = Date.now();
      if (data !== PONG) reader.read(String(data));
    });
    opened.addEventListener("close", ({ code }) => {
      if (mine === connection) lost(code, reader.greeted, token);
    });
    pinger = setInterval(() => {
      // A connection whose other end has vanished never closes by itself. What counts is a ping
      // without an answer, not the time: in a hidden tab timers run once a minute.
      if (lastHeard < pingedAt || opened.readyState !== WebSocket.OPEN) {
        lost(1006, reader.greeted, token);
        return;
      }
      pingedAt = Date.now();
      opened.send(PING);
    }, pingMs);
  }

  function createReader(opened: WebSocket, mine: number) {
    let greeted = false;
    /** Held back while the application reloads. */
    let held: EventsFrame[] | undefined;
    let unacknowledgedEvents = 0;
    let unacknowledgedCharacters = 0;

    function take({ events, more }: EventsFrame, characters: number): void {
      const known = position;
      if (known === undefined) return;
      const fresh = events.filter(({ id }) => id > known.since);
      const last = fresh.at(-1);
      if (last === undefined) return;
      position = { epoch: known.epoch, since: last.id };
      options.onEvents(fresh);
      unacknowledgedEvents += fresh.length;
      unacknowledgedCharacters += characters;
      const due =
        more === true ||
        unacknowledgedEvents >= ACK_EVERY_EVENTS ||
        unacknowledgedCharacters >= ACK_EVERY_CHARACTERS;
      if (!due || opened.readyState !== WebSocket.OPEN) return;
      opened.send(JSON.stringify({ type: "ack", id: last.id }));
      unacknowledgedEvents = 0;
      unacknowledgedCharacters = 0;
    }

    async function greet(hello: HelloFrame): Promise<void> {
      greeted = true;
      if (!hello.recovered) {
        held = [];
        become("reloading");
        try {
          await options.onReload(hello);
        } catch {
          // What is shown is not what was before this position: the next attempt has to reload, too.
          position = undefined;
          if (mine === connection) lost(1006, true);
          return;
        }
        if (mine !== connection) return;
        position = { epoch: hello.epoch, since: hello.head };
        const frames = held;
        held = undefined;
        for (const frame of frames) take(frame, JSON.stringify(frame).length);
      }
      attempts = 0;
      become("live");
    }

    return {
      get greeted() {
        return greeted;
      },
      read(text: string): void {
        const frame = JSON.parse(text) as ServerFrame;
        if (frame.type === "hello") void greet(frame);
        else if (frame.type === "presence") options.onPresence?.(frame.observers);
        else if (frame.type === "events") {
          if (held === undefined) take(frame, text.length);
          else held.push(frame);
        }
      },
    };
  }

  function lost(code: number, greeted: boolean, token?: string): void {
    drop();
    if (code === CLOSE.forbidden) {
      become("refused");
      return;
    }
    if (code === CLOSE.tokenExpired && greeted && attempts === 0) {
      attempts += 1;
      void connect();
      return;
    }
    retry();
    if (!greeted && token !== undefined) void learnWhy(connection, token);
  }

  /** A browser does not tell why an upgrade was refused; the same address without one does. */
  async function learnWhy(mine: number, token: string): Promise<void> {
    const url = new URL(options.url);
    url.protocol = url.protocol.replace("ws", "http");
    const headers = { authorization: `Bearer ${token}` };
    const answer = await fetch(url, { headers }).catch(() => undefined);
    if (mine !== connection || (answer?.status !== 403 && answer?.status !== 404)) return;
    drop();
    become("refused");
  }

  function retry(): void {
    become("offline");
    const delay = Math.random() * Math.min(capMs, baseMs * 2 ** attempts);
    attempts += 1;
    timer = setTimeout(() => void connect(), delay);
  }

  /** Ends the present connection and whatever was planned. */
  function drop(): void {
    connection += 1;
    clearTimeout(timer);
    clearInterval(pinger);
    socket?.close();
    socket = undefined;
  }

  function backOnline(): void {
    if (state !== "offline") return;
    drop();
    attempts = 0;
    void connect();
  }

  // Browsers say when the network is back; elsewhere nobody does.
  const surroundings = globalThis as Partial<Pick<EventTarget, Listening>>;
  surroundings.addEventListener?.("online", backOnline);
  void connect();
  return {
    get state() {
      return state;
    },
    get position() {
      return position;
    },
    close() {
      drop();
      surroundings.removeEventListener?.("online", backOnline);
      become("closed");
    },
  };
}
