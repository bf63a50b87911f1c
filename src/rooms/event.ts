/** An event as it is published: what everyone sees, and what those with the masked view see instead. */
export interface PublishedEvent {
  readonly type: string;
  /** RFC 3339 UTC. */
  readonly time: string;
  readonly data: unknown;
  /** Absent when there is nothing to mask. */
  readonly masked?: unknown;
  /** Names the happening: a second event with a key that was logged within the last hour is ignored. */
  readonly key?: string;
}

/** An event as it is kept: JSON text, so that no frame has to serialise it again. */
export type LoggedEvent = {
  readonly id: number;
  /** When it was logged, milliseconds since 1970. */
  readonly at: number;
  readonly key: string | null;
  readonly type: string;
  readonly time: string;
  readonly data: string;
  /** Null when the masked view is the full one. */
  readonly masked: string | null;
};

/** An event that fits into the log, and has no id yet. */
export type EncodedEvent = Omit<LoggedEvent, "id" | "at">;

/** Larger events would not fit into a frame. */
export const MAX_EVENT_CHARACTERS = 256 * 1024;

/** Characters an event may take in a frame, whatever the view. */
export function sizeOf({ data, masked }: Pick<LoggedEvent, "data" | "masked">): number {
  return Math.max(data.length, masked?.length ?? 0);
}

/** @throws {RangeError} when the event is larger than `MAX_EVENT_CHARACTERS` */
export function encodeEvent(event: PublishedEvent): EncodedEvent {
  const { type, time, data, masked, key = null } = event;
  const text = (value: unknown) => JSON.stringify(value) ?? "null";
  const encoded = {
    key,
    type,
    time,
    data: text(data),
    masked: masked === undefined ? null : text(masked),
  };
  if (sizeOf(encoded) > MAX_EVENT_CHARACTERS) throw new RangeError("too large for a room");
  return encoded;
}
