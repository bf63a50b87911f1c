import { SUBPROTOCOL, type View } from "./protocol.ts";
import { type Region, relayStub } from "./region.ts";

/** What the Worker tells the room about a socket it has authorised. */
export interface ObserverTicket {
  readonly room: string;
  readonly view: View;
  /** What the observer may see is looked at again by these. Absent: not before the token expires. */
  readonly roles?: readonly string[] | undefined;
  /** Seconds since 1970: when the observer's token expires. */
  readonly expiresAt: number;
  /** What the observer has already. */
  readonly from?: { readonly since: number; readonly epoch: string } | undefined;
  /** Observers that the room's own object serves; later ones go to relays. Default 1,000. */
  readonly direct?: number | undefined;
  /** Observers that one relay serves. Default 1,000. */
  readonly perRelay?: number | undefined;
  /** Where on earth a relay for this observer belongs. */
  readonly region?: Region | undefined;
  /** Set when the room has sent the observer to a relay: the room's object id, and the relay's name. */
  readonly relay?: { readonly root: string; readonly name: string } | undefined;
}

/** Carries the ticket from the Worker to the object; callers cannot set it, the Worker overwrites it. */
export const TICKET_HEADER = "x-outreach-ticket";

/** The room's answer to a ticket it wants to be shown at a relay: JSON of `ticket.relay`. */
export const RELAY_HEADER = "x-outreach-relay";

export function readTicket(request: Request): ObserverTicket | undefined {
  const text = request.headers.get(TICKET_HEADER);
  return text === null ? undefined : (JSON.parse(text) as ObserverTicket);
}

/**
 * Shows the ticket at the room, and at a relay when the room says so: from then on the socket runs
 * between the observer and the relay, past the room's object.
 * @param request the upgrade; only its subprotocol goes further
 * @throws whatever a Durable Object that cannot be reached throws
 */
export async function enterRoom(
  rooms: DurableObjectNamespace,
  request: Request,
  ticket: ObserverTicket,
  requestId: string,
): Promise<Response> {
  const headers = new Headers({ upgrade: "websocket", "x-request-id": requestId });
  // The token, offered beside it, goes no further than this Worker.
  if (offersSubprotocol(request)) headers.set("sec-websocket-protocol", SUBPROTOCOL);

  const show = (room: DurableObjectStub, shown: ObserverTicket) => {
    headers.set(TICKET_HEADER, JSON.stringify(shown));
    return room.fetch("https://room.internal/", { headers });
  };
  const answer = await show(rooms.getByName(ticket.room), ticket);
  const relayed = answer.headers.get(RELAY_HEADER);
  if (relayed === null) return answer;
  const relay = JSON.parse(relayed) as NonNullable<ObserverTicket["relay"]>;
  return show(relayStub(rooms, relay.name), { ...ticket, relay });
}

/** A server may only choose what was offered, RFC 6455 section 4.2.2. */
export function offersSubprotocol(request: Request): boolean {
  return offeredProtocols(request).includes(SUBPROTOCOL);
}

export function offeredProtocols(request: Request): string[] {
  const offered = request.headers.get("sec-websocket-protocol") ?? "";
  return offered.split(",").map((protocol) => protocol.trim());
}
