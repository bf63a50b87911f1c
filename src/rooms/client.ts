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

/** What `onEvents`, `onState` or `onPresence` throws is reported as uncaught, and changes nothing. */
export interface ObserveOptions {
  /** `https://…/v1/api/outreach/rooms/inquiries`, or the same with `wss:`. */
  readonly url: string | URL;
  /** Yields a JWT that is good now; asked before every attempt. If it throws, that was one. */
  readonly token: () => string | Promise<string>;
  /** Every event once, in order. */
  readonly onEvents: (events: readonly RoomEvent[]) => void;
  /**
   * At the first connection, and whenever events are gone for good: load the present state. Events
   * that come meanwhile are held back until it resolves; if it throws, the client connects anew.
   * `over` is aborted when this connection is over: what is still loaded for it is not to be shown,
   * because the next connection's reload may have shown something newer.
   */
  readonly onReload: (hello: HelloFrame, over: AbortSignal) => void | Promise<void>;
  readonly onState?: (state: ObserverState) => void;
  readonly onPresence?: (observers: number) => void;
  /** Where to go on, from an earlier `position`: then nothing is reloaded if all can be replayed. */
  readonly from?: Position;
  /**
   * Milliseconds, by default 500 and 30,000. After a loss the next attempt follows at a random time
   * within `baseMs`, or within 2 ms for each observer last told of where that is more: then no more
   * than 500 come back in a second. After another loss it is twice that, and so on, but never more
   * than `capMs`. A connection that was live for longer than this starts it over; if such a one ends
   * because its token has expired, the next attempt follows at once.
   */
  readonly backoff?: { readonly baseMs?: number; readonly capMs?: number };
  /** Milliseconds: how often to ping, and how long an answer may take. Default 25,000 and 10,000. */
  readonly pingMs?: number;
  readonly answerMs?: number;
}

/** How much longer the first wait after a loss may be for each observer there is. */
const MS_AN_OBSERVER = 2;

/** Events of a browser's window after which a connection may be dead, or may be possible again. */
const WAKING = ["online", "visibilitychange"] as const;

type Listening = "addEventListener" | "removeEventListener";

/** The newest event that was handed to `onEvents`, or is in what `onReload` has loaded. */
export interface Position {
  readonly since: number;
  readonly epoch: string;
}

export interface RoomObserver {
  readonly state: ObserverState;
  /** Undefined until the first reload, and while one is under way. */
  readonly position: Position | undefined;
  close(): void;
}

/**
 * Observes a room for as long as it takes: connects, acknowledges, comes back with full jitter after
 * a loss (AWS Architecture Blog, "Exponential Backoff And Jitter"), resumes where it was, and drops
 * what it has seen. Needs a global `WebSocket` and `fetch`: a browser, Node 22 or later, a Worker.
 * @throws {TypeError} when `url` is none
 */
export function observeRoom(options: ObserveOptions): RoomObserver {
  const { baseMs = 500, capMs = 30_000 } = options.backoff ?? {};
  const { pingMs = 25_000, answerMs = 10_000 } = options;
  const { href } = new URL(options.url);
  let state: ObserverState = "connecting";
  let position = options.from;
  let socket: WebSocket | undefined;
  let attempts = 0;
  let observers = 0;
  /** Of the present connection, or the wait for it: what an aborted one still says does not count. */
  let present = new AbortController();
  /** When the present connection became live, by `performance.now()`. */
  let liveSince: number | undefined;
  /** The token of the present connection, until the room has taken it. */
  let unproven: string | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** Asks whether the other end of the present connection is still there. */
  let ping: (() => void) | undefined;
  let pinger: ReturnType<typeof setInterval> | undefined;
  let patience: ReturnType<typeof setTimeout> | undefined;

  function become(next: ObserverState): void {
    if (next === state || state === "closed") return;
    state = next;
    tell(() => options.onState?.(next));
  }

  async function connect(): Promise<void> {
    const over = drop();
    become("connecting");
    try {
      over.throwIfAborted();
      const token = await options.token();
      over.throwIfAborted();
      open(over, token);
    } catch {
      // There is no token, or none that can be a subprotocol.
      if (!over.aborted) retry();
    }
  }

  function open(over: AbortSignal, token: string): void {
    const url = new URL(href);
    url.protocol = url.protocol.replace("http", "ws");
    if (position !== undefined) {
      url.searchParams.set("since", String(position.since));
      url.searchParams.set("epoch", position.epoch);
    }
    const opened = new WebSocket(url.href, [SUBPROTOCOL, BEARER_PROTOCOL_PREFIX + token]);
    socket = opened;
    unproven = token;
    const read = createReader(opened, over);
    // A connection whose other end has vanished never closes by itself.
    const awaitAnswer = (ms: number) => {
      clearTimeout(patience);
      patience = setTimeout(() => lost(1006), ms);
    };
    opened.addEventListener("message", ({ data }) => {
      if (over.aborted) return;
      clearTimeout(patience);
      if (data !== PONG) read(String(data));
    });
    opened.addEventListener("close", ({ code }) => {
      if (!over.aborted) lost(code);
    });
    ping = () => {
      if (opened.readyState !== WebSocket.OPEN) return;
      opened.send(PING);
      awaitAnswer(answerMs);
    };
    pinger = setInterval(ping, pingMs);
    // To get there over a bad network takes longer.
    awaitAnswer(2 * pingMs);
  }

  function createReader(opened: WebSocket, over: AbortSignal) {
    /** Held back while the application reloads. */
    let held: EventsFrame[] | undefined;
    let unacknowledgedEvents = 0;
    let unacknowledgedCharacters = 0;

    function take({ events, more }: EventsFrame, characters: number): void {
      const known = position;
      if (over.aborted || known === undefined) return;
      const fresh = events.filter(({ id }) => id > known.since);
      const last = fresh.at(-1);
      if (last === undefined) return;
      position = { epoch: known.epoch, since: last.id };
      tell(() => options.onEvents(fresh));
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
      unproven = undefined;
      if (!hello.recovered) {
        held = [];
        // Until it has reloaded, what is shown may be of no position: the next attempt reloads, too.
        position = undefined;
        become("reloading");
        try {
          over.throwIfAborted();
          await options.onReload(hello, over);
          over.throwIfAborted();
        } catch {
          if (!over.aborted) lost(1006);
          return;
        }
        position = { epoch: hello.epoch, since: hello.head };
        const frames = held;
        held = undefined;
        for (const frame of frames) take(frame, JSON.stringify(frame).length);
      }
      liveSince = performance.now();
      become("live");
    }

    return (text: string): void => {
      const frame = JSON.parse(text) as ServerFrame;
      if (frame.type === "hello") void greet(frame);
      else if (frame.type === "presence") {
        observers = frame.observers;
        tell(() => options.onPresence?.(observers));
      } else if (frame.type === "events") {
        if (held === undefined) take(frame, text.length);
        else held.push(frame);
      }
    };
  }

  function lost(code: number): void {
    const token = unproven;
    // To be greeted is not enough: a room closes an expired token's connection after `hello`.
    const hasLasted = liveSince !== undefined && performance.now() - liveSince > longestWait();
    const over = drop();
    // The application may have closed it when it heard of that.
    if (over.aborted) return;
    if (code === CLOSE.forbidden) {
      become("refused");
      return;
    }
    if (hasLasted) attempts = 0;
    if (hasLasted && code === CLOSE.tokenExpired) {
      void connect();
      return;
    }
    retry();
    if (token !== undefined) void learnWhy(over, token);
  }

  /** A browser does not tell why an upgrade was refused; the same address without one does. */
  async function learnWhy(over: AbortSignal, token: string): Promise<void> {
    const url = new URL(href);
    url.protocol = url.protocol.replace("ws", "http");
    const headers = { authorization: `Bearer ${token}` };
    const answer = await fetch(url, { headers, signal: over }).catch(() => undefined);
    if (answer?.status !== 403 && answer?.status !== 404) return;
    drop();
    become("refused");
  }

  function longestWait(): number {
    return Math.min(capMs, Math.max(baseMs, MS_AN_OBSERVER * observers) * 2 ** attempts);
  }

  function retry(): void {
    timer = setTimeout(() => void connect(), Math.random() * longestWait());
    attempts += 1;
    become("offline");
  }

  /** Ends the present connection and whatever was planned. @returns aborted when what follows ends */
  function drop(): AbortSignal {
    const ended = present;
    present = new AbortController();
    const { signal } = present;
    // First: a socket may tell that it closes while it is being closed.
    ended.abort();
    clearTimeout(timer);
    clearInterval(pinger);
    clearTimeout(patience);
    ping = undefined;
    socket?.close();
    socket = undefined;
    liveSince = undefined;
    unproven = undefined;
    return signal;
  }

  /** The network is back, or another one; or the page is looked at again after a sleep. */
  function wake(): void {
    if (state !== "offline") {
      ping?.();
      return;
    }
    attempts = 0;
    void connect();
  }

  // Browsers tell; elsewhere nobody does.
  const surroundings = globalThis as Partial<Pick<EventTarget, Listening>>;
  for (const sign of WAKING) surroundings.addEventListener?.(sign, wake);
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
      for (const sign of WAKING) surroundings.removeEventListener?.(sign, wake);
      become("closed");
    },
  };
}

/** Calls the application. */
function tell(call: () => void): void {
  try {
    call();
  } catch (error) {
    // `reportError`, which Node lacks.
    queueMicrotask(() => {
      throw error;
    });
  }
}
