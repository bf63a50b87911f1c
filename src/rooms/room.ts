import { DurableObject } from "cloudflare:workers";
import { makeRoomPermissions } from "../deps.ts";
import { type Caller, loggerFor, nameOf } from "../telemetry/logger.ts";
import { AccessCheck } from "./access.ts";
import type { Erasure } from "./erasures.ts";
import { type EncodedEvent, encodeEvent, type PublishedEvent } from "./event.ts";
import { presencePeriod, resume } from "./fanout.ts";
import { encodeFrame } from "./frames.ts";
import { EventLog, KEEP_MS } from "./log.ts";
import { Observers } from "./observers.ts";
import { readAcknowledgement } from "./parse.ts";
import { CLOSE, PING, PONG, SUBPROTOCOL } from "./protocol.ts";
import { ANYWHERE, relayStub } from "./region.ts";
import { type Continuation, type Push, type RelayState, Relays } from "./relays.ts";
import { type ObserverTicket, offersSubprotocol, RELAY_HEADER, readTicket } from "./ticket.ts";
import { Upstream } from "./upstream.ts";

/** After a frame, the next one waits this long for company. Milliseconds. */
export const COALESCE_MS = 50;

const DEFAULT_DIRECT = 1_000;
const DEFAULT_PER_RELAY = 1_000;
/** What an object can hold; Cloudflare's limit. */
const MAX_SOCKETS = 32_768;
const PRESENCE = "presence";
/** How often a relay with observers asks the room whether it has missed anything. */
const HEARTBEAT_MS = 15_000;
/** A relay that cannot reach its room so many times in a row sends its observers away. */
const MAX_MISSED_HEARTBEATS = 3;

/**
 * One observation room: an event log, and hibernating WebSockets it is fanned out to. The same class
 * is a relay once an observer comes with a ticket that says so: then its log is a copy of the room's.
 */
export class ObservationRoom extends DurableObject<Env> {
  readonly #log: EventLog;
  readonly #observers: Observers;
  readonly #relays: Relays;
  readonly #upstream: Upstream;
  readonly #access: AccessCheck;
  /** Observers that have come and wait for their `hello`. */
  #arriving = 0;
  /** Neither logged nor sent yet: whoever published them still waits. */
  #pending: EncodedEvent[] = [];
  #window: Promise<void> | undefined;
  #flushedAt = 0;
  /** What was told last; kept, or every alarm that wakes the object would tell it again. */
  #presence: number | undefined;
  /** Somebody has come who has not been told. */
  #newcomers = false;
  #alarmAt: number | undefined;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#log = new EventLog(ctx.storage);
    this.#observers = new Observers(ctx, this.#log);
    this.#relays = new Relays({
      sql: ctx.storage.sql,
      log: this.#log,
      id: ctx.id.toString(),
      stubOf: (name) => relayStub(env.ROOMS, name),
    });
    this.#upstream = new Upstream({
      storage: ctx.storage,
      log: this.#log,
      roomOf: (id) => env.ROOMS.get(env.ROOMS.idFromString(id)),
      observers: () => this.#observers.size + this.#arriving,
      apply: (continuation) => this.#apply(continuation),
    });
    this.#access = new AccessCheck({
      sql: ctx.storage.sql,
      observers: this.#observers,
      permissions: () =>
        makeRoomPermissions(env, {
          requestId: crypto.randomUUID(),
          background: (work) => ctx.waitUntil(work),
        }),
    });
    this.#presence = ctx.storage.kv.get<number>(PRESENCE);
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PONG));
  }

  /** The upgrade, already authenticated and authorised by the Worker. */
  override async fetch(request: Request): Promise<Response> {
    const ticket = readTicket(request);
    if (ticket === undefined) return new Response(null, { status: 400 });
    const requestId = request.headers.get("x-request-id") ?? "none";
    loggerFor(this.env, { requestId }).debug("room entered");
    if (ticket.relay !== undefined) await this.#catchUp(ticket);
    else if (this.#observers.size >= (ticket.direct ?? DEFAULT_DIRECT)) return this.#send(ticket);
    if (this.#observers.size >= MAX_SOCKETS) return new Response(null, { status: 503 });
    return this.#accept(request, ticket);
  }

  /** Of a relay: resolves when it holds what the room holds. */
  async #catchUp({ relay, from }: ObserverTicket): Promise<void> {
    if (relay === undefined) return;
    this.#arriving += 1;
    try {
      await this.#upstream.join(relay, from?.since);
    } finally {
      this.#arriving -= 1;
    }
  }

  /** Too many are here: to a relay. */
  #send({ region, perRelay = DEFAULT_PER_RELAY }: ObserverTicket): Response {
    const name = this.#relays.assign(region ?? ANYWHERE, perRelay, Date.now());
    const relay = { root: this.ctx.id.toString(), name };
    return new Response(null, { headers: { [RELAY_HEADER]: JSON.stringify(relay) } });
  }

  #accept(request: Request, ticket: ObserverTicket): Response {
    const { room, view, roles, expiresAt, from } = ticket;
    const { epoch, floor, head } = this.#log;
    const { recovered, gap, after } = resume({ epoch, floor, head }, from);
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    server.send(encodeFrame({ type: "hello", room, epoch, head, recovered, gap }));
    const access = roles && { room, roles };
    if (access !== undefined) this.#access.arriving(Date.now());
    this.#observers.join(server, { view, expiresAt, access, after });
    this.#newcomers = true;
    this.#wake(Math.min(expiresAt * 1000, this.#presenceDue(), this.#access.dueAt));
    return new Response(null, {
      status: 101,
      webSocket: client,
      headers: offersSubprotocol(request) ? { "sec-websocket-protocol": SUBPROTOCOL } : {},
    });
  }

  /**
   * Logs the events; resolves when they are logged and everyone who is live has been sent them. The
   * first goes at once, what follows within 50 ms shares a transaction and a frame. If the object dies
   * meanwhile the caller is told, and tries again. The only timer is the one that a caller waits for
   * here, so none is left to keep an idle object from hibernating.
   * @throws {RangeError} when one is larger than a frame can hold
   */
  async publish(events: readonly PublishedEvent[], from?: Caller): Promise<void> {
    loggerFor(this.env, from).debug("room published to", { events: events.length });
    this.#pending.push(...events.map(encodeEvent));
    const wait = this.#flushedAt + COALESCE_MS - Date.now();
    if (this.#window === undefined && wait <= 0) return this.#flush();
    this.#window ??= scheduler.wait(wait).then(() => {
      this.#window = undefined;
      this.#flush();
    });
    return this.#window;
  }

  #flush(): void {
    const now = Date.now();
    const events = this.#log.append(this.#pending.splice(0), now);
    if (this.#alarmAt === undefined) this.#wake(now + KEEP_MS);
    if (events.length === 0) return;
    this.#flushedAt = now;
    this.#observers.flush(events, now);
    this.#pushToRelays();
  }

  #pushToRelays(): void {
    if (this.#relays.size === 0) return;
    const pushed = this.#relays.push({ observers: () => this.#announced, now: Date.now() });
    this.ctx.waitUntil(
      pushed.then(() => {
        this.#wake(this.#relays.retryAt);
        this.#notePresence();
      }),
    );
  }

  /** Of a relay: what it has missed, one page. It also reports its observers, and that it lives. */
  follow(name: string, state: RelayState): Continuation {
    const answer = this.#relays.answer(name, state, { now: Date.now() });
    this.#notePresence();
    return { ...answer, observers: this.#announced };
  }

  /** Of the room, to a relay. */
  async accept(push: Push): Promise<RelayState> {
    const { epoch, after: head, events, observers } = push;
    const fits = epoch === this.#log.epoch && head <= this.#log.head;
    if (fits) this.#apply({ epoch, head, events, observers });
    else await this.#upstream.follow();
    const size = this.#observers.size + this.#arriving;
    return { epoch: this.#log.epoch, head: this.#log.head, observers: size };
  }

  #apply({ epoch, restartAfter, events, observers }: Continuation): void {
    if (restartAfter !== undefined) {
      this.#log.restart(epoch, restartAfter);
      this.#observers.restart();
    }
    const fresh = this.#log.replicate(events);
    if (fresh === undefined) return;
    this.#observers.flush(fresh, Date.now());
    this.#tellPresence(observers);
  }

  /** Which of these keys the room has never logged. */
  unlogged(keys: readonly string[], from?: Caller): string[] {
    loggerFor(this.env, from).debug("room asked for keys", { keys: keys.length });
    return this.#log.unlogged(keys);
  }

  /**
   * Erases data from the log, and from the copies that relays have. Safe to repeat.
   * @returns how many events of this log held some
   * @throws when a relay cannot be reached
   */
  async erase(erasure: Erasure, from?: Caller): Promise<number> {
    if (this.#pending.length > 0) this.#flush();
    const erased = this.#log.erase(erasure, Date.now());
    loggerFor(this.env, from).info("room erased", { events: erased });
    await this.#relays.erase(erasure, from);
    return erased;
  }

  /** How the room is, for health checks and figures. */
  status(from?: Caller): { epoch: string; head: number; observers: number; relays: number } {
    loggerFor(this.env, from).debug("room looked at");
    const { epoch, head } = this.#log;
    return { epoch, head, observers: this.#total, relays: this.#relays.size };
  }

  override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
    const id = readAcknowledgement(message);
    if (id === undefined) this.#observers.close(socket, CLOSE.malformedFrame);
    else this.#observers.acknowledge(socket, id);
  }

  /** Completes the close handshake: without it the client hangs in CLOSING (seen at 2026-11-02). */
  override webSocketClose(socket: WebSocket, code: number, reason: string): void {
    this.#left(socket);
    // Not what the client sent: some codes only ever describe what happened (RFC 6455, 7.4.1).
    if (code === 1000 || code >= 3000) socket.close(code, reason);
    else socket.close();
  }

  override webSocketError(socket: WebSocket): void {
    this.#left(socket);
    socket.close(1011);
  }

  #left(socket: WebSocket): void {
    this.#observers.leave(socket);
    this.#wake(this.#presenceDue());
  }

  /** Idempotent, and never throws: an alarm that has thrown six times is dropped. */
  override async alarm(): Promise<void> {
    this.#alarmAt = undefined;
    const now = Date.now();
    let next = Number.POSITIVE_INFINITY;
    try {
      this.#observers.dismiss(now);
      await this.#access.run(now, loggerFor(this.env));
      next = this.#log.trim(now) ?? next;
      if (this.#upstream.known) await this.#heartbeat();
      else {
        this.#tellPresence(this.#total);
        this.#pushToRelays();
      }
      this.#tellNewcomers();
    } catch (error) {
      loggerFor(this.env).error("room upkeep failed", { error: nameOf(error) });
      next = now + HEARTBEAT_MS;
    }
    if (this.#upstream.known && this.#observers.size > 0) next = Math.min(next, now + HEARTBEAT_MS);
    const { firstExpiry } = this.#observers;
    this.#wake(Math.min(next, firstExpiry * 1000, this.#relays.retryAt, this.#access.dueAt));
  }

  async #heartbeat(): Promise<void> {
    const missed = await this.#upstream.beat();
    if (missed >= MAX_MISSED_HEARTBEATS) this.#observers.closeAll("the room cannot be reached");
  }

  get #total(): number {
    return this.#observers.size + this.#relays.observers;
  }

  /**
   * What the whole room is told of its presence, relays included: the number of the last alarm, so that
   * nobody is told more often than alarms are set.
   */
  get #announced(): number {
    return this.#presence ?? this.#total;
  }

  #tellPresence(observers: number): void {
    if (this.#presence === observers) return;
    this.#presence = observers;
    this.#newcomers = false;
    this.ctx.storage.kv.put(PRESENCE, observers);
    this.#observers.tell({ type: "presence", observers });
  }

  #tellNewcomers(): void {
    if (!this.#newcomers) return;
    this.#newcomers = false;
    this.#observers.tell({ type: "presence", observers: this.#announced });
  }

  /** Has it told in its time, if it has changed. */
  #notePresence(): void {
    if (this.#total !== this.#presence) this.#wake(this.#presenceDue());
  }

  #presenceDue(): number {
    return Date.now() + presencePeriod(this.#total);
  }

  /** Has the alarm run at `time` at the latest, milliseconds since 1970. */
  #wake(time: number): void {
    if (!Number.isFinite(time) || (this.#alarmAt !== undefined && this.#alarmAt <= time)) return;
    this.#alarmAt = time;
    this.ctx.waitUntil(this.#setAlarm(time));
  }

  async #setAlarm(time: number): Promise<void> {
    const set = await this.ctx.storage.getAlarm();
    if (set === null || time < set) await this.ctx.storage.setAlarm(time);
  }
}
