import { DurableObject } from "cloudflare:workers";
import { EventLog, type PublishedEvent } from "./log.ts";
import { CLOSE, type ServerFrame, SUBPROTOCOL, type View } from "./protocol.ts";

/** What the Worker tells the room about a socket it has authorised. */
export interface ObserverTicket {
  readonly room: string;
  readonly view: View;
  /** Seconds since 1970: when the observer's token expires. */
  readonly expiresAt: number;
}

/** Carries the ticket from the Worker to the object; callers cannot set it, the Worker overwrites it. */
export const TICKET_HEADER = "x-outreach-ticket";

/** Kept in the socket's attachment, so it survives hibernation; `v` because deploys are not atomic. */
interface Attachment extends ObserverTicket {
  readonly v: 1;
}

/** One observation room: an event log, and hibernating WebSockets it is fanned out to. */
export class ObservationRoom extends DurableObject<Env> {
  readonly #log: EventLog;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#log = new EventLog(ctx.storage.sql);
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
  }

  /** The upgrade, already authenticated and authorised by the Worker. */
  override async fetch(request: Request): Promise<Response> {
    const ticket = JSON.parse(
      request.headers.get(TICKET_HEADER) ?? "null",
    ) as ObserverTicket | null;
    if (ticket === null) return new Response(null, { status: 400 });
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    server.serializeAttachment({ v: 1, ...ticket } satisfies Attachment);
    send(
      server,
      encode({
        type: "hello",
        room: ticket.room,
        epoch: this.#log.epoch,
        head: this.#log.head,
      }),
    );
    return new Response(null, {
      status: 101,
      webSocket: client,
      headers: offersSubprotocol(request) ? { "sec-websocket-protocol": SUBPROTOCOL } : {},
    });
  }

  /** Logs the events, then sends each view's frame, made once, to everyone with that view. */
  publish(events: readonly PublishedEvent[]): void {
    const views = this.#log.append(events);
    const frames: Record<View, string> = {
      full: encode({ type: "events", events: views.full }),
      masked: encode({ type: "events", events: views.masked }),
    };
    const now = Date.now() / 1000;
    for (const socket of this.ctx.getWebSockets()) {
      const { view, expiresAt } = socket.deserializeAttachment() as Attachment;
      if (expiresAt <= now) socket.close(CLOSE.tokenExpired, "token expired");
      else send(socket, frames[view]);
    }
  }

  /** Answers whoever asks how the room is. */
  status(): { observers: number } {
    return { observers: this.ctx.getWebSockets().length };
  }

  override webSocketMessage(socket: WebSocket, _message: string | ArrayBuffer): void {
    // Observers only listen; `ping` is answered without waking the object.
    socket.close(CLOSE.malformedFrame, "unexpected frame");
  }

  /** Completes the close handshake: without it the client hangs in CLOSING (seen at 2026-11-02). */
  override webSocketClose(socket: WebSocket, code: number, reason: string): void {
    // 1005 and 1006 only ever describe what happened, RFC 6455 section 7.4.1: they cannot be sent.
    if (code === 1005 || code === 1006) socket.close();
    else socket.close(code, reason);
  }

  override webSocketError(socket: WebSocket): void {
    socket.close(1011);
  }
}

/** A server may only choose what was offered, RFC 6455 section 4.2.2. */
function offersSubprotocol(request: Request): boolean {
  const offered = request.headers.get("sec-websocket-protocol") ?? "";
  return offered.split(",").some((protocol) => protocol.trim() === SUBPROTOCOL);
}

function encode(frame: ServerFrame): string {
  return JSON.stringify(frame);
}

/** `getWebSockets()` may return sockets that are closing; their observers come back by themselves. */
function send(socket: WebSocket, frame: string): void {
  try {
    socket.send(frame);
  } catch {
    // Closed meanwhile.
  }
}
