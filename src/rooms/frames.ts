import { type LoggedEvent, sizeOf } from "./event.ts";
import { MAX_FRAME_BYTES, type ServerFrame, type View } from "./protocol.ts";

/**
 * Characters of events a frame may hold. A character of a JavaScript string takes at most three bytes
 * in UTF-8, and `id`, `type` and `time` need room as well.
 */
export const FRAME_CHARACTERS = Math.floor(MAX_FRAME_BYTES / 3) - 64 * 1024;

/** Events a frame may hold. */
export const FRAME_EVENTS = 500;

export function encodeFrame(frame: ServerFrame): string {
  return JSON.stringify(frame);
}

/** Puts the frame together from the JSON that the log keeps. @param more there is more to replay */
export function eventsFrame(events: readonly LoggedEvent[], view: View, more = false): string {
  const parts = events.map(
    ({ id, type, time, data, masked }) =>
      `{"id":${id},"type":${JSON.stringify(type)},"time":${JSON.stringify(time)},"data":${
        view === "masked" ? (masked ?? data) : data
      }}`,
  );
  return `{"type":"events","events":[${parts.join(",")}]${more ? ',"more":true' : ""}}`;
}

/** Cuts a run of events into those of one frame each. */
export function splitIntoFrames(events: readonly LoggedEvent[]): LoggedEvent[][] {
  const frames: LoggedEvent[][] = [];
  let frame: LoggedEvent[] = [];
  let characters = 0;
  for (const event of events) {
    const size = sizeOf(event);
    if (
      frame.length > 0 &&
      (frame.length >= FRAME_EVENTS || characters + size > FRAME_CHARACTERS)
    ) {
      frames.push(frame);
      frame = [];
      characters = 0;
    }
    frame.push(event);
    characters += size;
  }
  if (frame.length > 0) frames.push(frame);
  return frames;
}
