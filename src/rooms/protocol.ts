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
  /** More than `MAX_UNACKNOWLEDGED` events behind: come back with `since`. */
  tooFarBehind: 4008,
  malformedFrame: 4400,
  /** Come back with a new token. */
  tokenExpired: 4401,
  /** The roles of the token no longer allow this room. */
  forbidden: 4403,
} as const;

/** Why a room closes a socket: told in a `problem` frame, and as the reason of the close itself. */
export const PROBLEMS = {
  [CLOSE.tooFarBehind]: "too_far_behind",
  [CLOSE.malformedFrame]: "malformed_frame",
  [CLOSE.tokenExpired]: "token_expired",
  [CLOSE.forbidden]: "forbidden",
} as const;

/** Answered by the runtime itself, without waking the room. */
export const PING = "ping";
export const PONG = "pong";

/** An observer whose acknowledgements are further behind than this is closed with 4008. */
export const MAX_UNACKNOWLEDGED = 1_000;

/** Acknowledge at the latest after this many events, or this many characters of frames. */
export const ACK_EVERY_EVENTS = 250;
export const ACK_EVERY_CHARACTERS = 128 * 1024;

/** No frame of ours is larger. */
export const MAX_FRAME_BYTES = 1024 * 1024;

/** Something that happened; `id` counts up by one within an epoch. */
export interface RoomEvent {
  readonly id: number;
  readonly type: string;
  /** RFC 3339 UTC. */
  readonly time: string;
  readonly data: unknown;
}

export interface HelloFrame {
  readonly type: "hello";
  readonly room: string;
  /** Changes when the room's log starts over. */
  readonly epoch: string;
  /** Id of the newest event that is not going to be sent live. */
  readonly head: number;
  /** True: everything after `since` follows. False: load the present state, then apply what follows. */
  readonly recovered: boolean;
  /** How many events after `since` are gone for good; null when that cannot be known (other epoch). */
  readonly gap: number | null;
}

export interface EventsFrame {
  readonly type: "events";
  readonly events: readonly RoomEvent[];
  /** There is more to replay: it follows the acknowledgement of this frame's last event. */
  readonly more?: true;
}

export type ServerFrame =
  | HelloFrame
  | EventsFrame
  | { readonly type: "presence"; readonly observers: number }
  | { readonly type: "problem"; readonly code: (typeof PROBLEMS)[keyof typeof PROBLEMS] };

/** The newest event that was taken in. Each names a later event than the one before. */
export interface AckFrame {
  readonly type: "ack";
  readonly id: number;
}

/** `full`, or `masked` for those who may not see addresses and phone numbers. */
export type View = "full" | "masked";
