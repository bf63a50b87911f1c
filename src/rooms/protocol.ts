/**
 * What travels over an observation room's WebSocket. Shared with the dashboard; imports nothing.
 */

/** The subprotocol a client offers, beside `bearer.<jwt>` when it cannot set headers. */
export const SUBPROTOCOL = "outreach.v1";
export const BEARER_PROTOCOL_PREFIX = "bearer.";

export const ROOMS = ["inquiries", "subscribers", "operations"] as const;
export type RoomName = (typeof ROOMS)[number];

/** Close codes of ours, in the range RFC 6455 section 7.4.2 leaves to applications. */
export const CLOSE = {
  malformedFrame: 4400,
  tokenExpired: 4401,
} as const;

/** Something that happened; `id` counts up by one within an epoch. */
export interface RoomEvent {
  readonly id: number;
  readonly type: string;
  /** RFC 3339 UTC. */
  readonly time: string;
  readonly data: unknown;
}

export type ServerFrame =
  | {
      readonly type: "hello";
      readonly room: string;
      /** Changes when the room's log starts over. */
      readonly epoch: string;
      /** Id of the newest event. */
      readonly head: number;
    }
  | { readonly type: "events"; readonly events: readonly RoomEvent[] }
  | { readonly type: "problem"; readonly code: string };

/** `full`, or `masked` for those who may not see addresses and phone numbers. */
export type View = "full" | "masked";
