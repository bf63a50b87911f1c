import { type Attachment, readAttachment, writeAttachment } from "./attachment.ts";
import type { LoggedEvent } from "./event.ts";
import {
  type Access,
  allowance,
  hasExpired,
  isLive,
  type Observer,
  onAcknowledgement,
  onFrame,
  onReplay,
} from "./fanout.ts";
import {
  encodeFrame,
  eventsFrame,
  FRAME_CHARACTERS,
  FRAME_EVENTS,
  splitIntoFrames,
} from "./frames.ts";
import type { EventLog } from "./log.ts";
import { CLOSE, PROBLEMS, type View } from "./protocol.ts";

/** A socket whose client sent pings and has stopped is half open. Three of the client's periods. */
const SILENT_MS = 90_000;

/** The sockets of one object: who has been sent what. Rebuilt from the attachments after hibernation. */
export class Observers {
  readonly #ctx: DurableObjectState;
  readonly #log: EventLog;
  readonly #observers = new Map<WebSocket, Observer>();
  /** Up to where live observers have been served. */
  #flushed: number;
  /** Live ones from before this instance, of whom it is not known yet how much they have to acknowledge. */
  #uncounted: Observer[] = [];

  constructor(ctx: DurableObjectState, log: EventLog) {
    this.#ctx = ctx;
    this.#log = log;
    this.#flushed = log.head;
    for (const socket of ctx.getWebSockets()) {
      // Those that were closed stay in the list until their clients have said goodbye, too.
      if (socket.readyState !== WebSocket.OPEN) continue;
      const observer = readAttachment(socket.deserializeAttachment(), this.#flushed);
      if (observer === undefined) continue;
      this.#observers.set(socket, observer);
      if (isLive(observer, this.#flushed)) this.#uncounted.push(observer);
    }
  }

  get size(): number {
    return this.#observers.size;
  }

  get flushed(): number {
    return this.#flushed;
  }

  /** Seconds since 1970 at which the first token expires; Infinity when nobody is here. */
  get firstExpiry(): number {
    let first = Number.POSITIVE_INFINITY;
    for (const { expiresAt } of this.#observers.values()) first = Math.min(first, expiresAt);
    return first;
  }

  /** Takes in a socket that was sent its `hello`. @param after the newest event it has */
  join(
    socket: WebSocket,
    observer: Pick<Observer, "view" | "expiresAt" | "access"> & { after: number },
  ): void {
    const { view, expiresAt, access, after } = observer;
    const joined: Observer = {
      view,
      expiresAt,
      access,
      acknowledged: after,
      sent: after,
      lead: this.#flushed,
      unacknowledgedCharacters: 0,
    };
    this.#observers.set(socket, joined);
    this.#replay(socket, joined);
    this.#remember(socket, joined);
  }

  leave(socket: WebSocket): void {
    this.#observers.delete(socket);
  }

  /** Sends what has been logged since the last time to everyone who is live. @param now milliseconds */
  flush(events: readonly LoggedEvent[], now: number): void {
    this.#countUnacknowledged();
    for (const group of splitIntoFrames(events)) this.#sendToAll(group, now / 1000);
  }

  /** From the log, because no attachment is written for a frame. */
  #countUnacknowledged(): void {
    const uncounted = this.#uncounted.splice(0);
    const first = Math.min(...uncounted.map(({ acknowledged }) => acknowledged));
    if (first >= this.#flushed) return;
    const charactersAfter = this.#log.charactersAfter(first, this.#flushed);
    for (const observer of uncounted) {
      observer.unacknowledgedCharacters = charactersAfter.get(observer.acknowledged) ?? 0;
    }
  }

  #sendToAll(events: readonly LoggedEvent[], now: number): void {
    const to = events.at(-1)?.id ?? this.#flushed;
    const after = this.#flushed;
    this.#flushed = to;
    // Made when first needed, and then shared by everyone with that view.
    const frames: Partial<Record<View, string>> = {};
    for (const [socket, observer] of this.#observers) {
      frames[observer.view] ??= eventsFrame(events, observer.view);
      const frame = frames[observer.view] ?? "";
      const wasLive = observer.sent === after;
      const verdict = onFrame(observer, { after, to, characters: frame.length }, now);
      if (verdict === "send") send(socket, frame);
      else if (verdict !== "withhold") this.close(socket, verdict);
      else if (wasLive) this.#remember(socket, observer);
    }
  }

  /** Takes an acknowledgement, and goes on with the replay if there was one. */
  acknowledge(socket: WebSocket, id: number): void {
    const observer = this.#observers.get(socket);
    if (observer === undefined) return;
    if (!onAcknowledgement(observer, id, this.#flushed)) {
      this.close(socket, CLOSE.malformedFrame);
      return;
    }
    this.#replay(socket, observer);
    this.#remember(socket, observer);
  }

  /** One frame from the log for an observer that is behind. */
  #replay(socket: WebSocket, observer: Observer): void {
    const events = Math.min(allowance(observer, this.#flushed), FRAME_EVENTS);
    if (events <= 0) return;
    if (observer.sent < this.#log.floor) {
      // What it needs next was trimmed while it took its time.
      this.close(socket, CLOSE.tooFarBehind);
      return;
    }
    const limit = { events, characters: FRAME_CHARACTERS, to: this.#flushed };
    const page = this.#log.read(observer.sent, limit);
    const to = page.at(-1)?.id;
    if (to === undefined) return;
    const frame = eventsFrame(page, observer.view, to < this.#flushed);
    onReplay(observer, { to, characters: frame.length }, this.#flushed);
    send(socket, frame);
  }

  tell(frame: { type: "presence"; observers: number }): void {
    const text = encodeFrame(frame);
    for (const socket of this.#observers.keys()) send(socket, text);
  }

  /** Closes those whose token has expired and those that are half open. @param now milliseconds */
  dismiss(now: number): void {
    for (const [socket, observer] of this.#observers) {
      if (hasExpired(observer, now / 1000)) {
        this.close(socket, CLOSE.tokenExpired);
        continue;
      }
      const pinged = this.#ctx.getWebSocketAutoResponseTimestamp(socket)?.getTime();
      if (pinged !== undefined && now - pinged > SILENT_MS) this.#end(socket, 1001, "silent");
    }
  }

  /** Whether there is anybody whom the rules have a say about. */
  get guarded(): boolean {
    return this.#observers.values().some(({ access }) => access !== undefined);
  }

  /** What the rules have to be asked about; each once, however many observers have it. */
  accesses(): Map<string, Access> {
    const all = new Map<string, Access>();
    for (const { access } of this.#observers.values()) {
      if (access !== undefined) all.set(JSON.stringify(access), access);
    }
    return all;
  }

  /**
   * Gives everybody the view they may have now, and closes those who may have none.
   * @param views what became of `accesses()`; who has come since is asked about next time
   */
  follow(views: ReadonlyMap<string, View | undefined>): void {
    for (const [socket, observer] of this.#observers) {
      const key = JSON.stringify(observer.access);
      if (observer.access === undefined || !views.has(key)) continue;
      const view = views.get(key);
      if (view === undefined) this.close(socket, CLOSE.forbidden);
      else if (view !== observer.view) {
        observer.view = view;
        this.#remember(socket, observer);
      }
    }
  }

  close(socket: WebSocket, code: (typeof CLOSE)[keyof typeof CLOSE]): void {
    send(socket, encodeFrame({ type: "problem", code: PROBLEMS[code] }));
    this.#end(socket, code, PROBLEMS[code]);
  }

  /** 1012, RFC 6455's registry: the service restarts; come back. */
  closeAll(reason: string): void {
    for (const socket of this.#observers.keys()) this.#end(socket, 1012, reason);
  }

  /** Everything before this is no longer of this log. */
  restart(): void {
    this.closeAll("the room begins anew");
    this.#flushed = this.#log.head;
  }

  #end(socket: WebSocket, code: number, reason: string): void {
    this.#observers.delete(socket);
    try {
      socket.close(code, reason);
    } catch {
      // Closed meanwhile.
    }
  }

  #remember(socket: WebSocket, observer: Observer): void {
    if (!this.#observers.has(socket)) return;
    const live = isLive(observer, this.#flushed);
    socket.serializeAttachment(writeAttachment(observer, live) satisfies Attachment);
  }
}

/** `getWebSockets()` may return sockets that are closing; their observers come back by themselves. */
function send(socket: WebSocket, frame: string): void {
  try {
    socket.send(frame);
  } catch {
    // Closed meanwhile.
  }
}
