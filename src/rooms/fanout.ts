import { CLOSE, MAX_UNACKNOWLEDGED, type View } from "./protocol.ts";

/**
 * What to send to whom, without sockets, storage or a clock. An observer is either *live*, so it has
 * been sent everything and shares the next frame with all others, or *behind*: it gets frames of its
 * own from the log, each after it has acknowledged the one before, until it is live again. So nobody
 * ever has more than one frame too many in memory, however long the log and however slow the reader.
 */
export interface Observer {
  /** Follows the rules. */
  view: View;
  /** Seconds since 1970. */
  readonly expiresAt: number;
  readonly access: Access | undefined;
  /** Newest event it has acknowledged, or had when it came. */
  acknowledged: number;
  /** Newest event it has been sent. */
  sent: number;
  /**
   * While it is behind: where it stood by its acknowledgements when it fell behind, or the newest event
   * of the room when it came, was sent a frame of its own, or acknowledged something since.
   */
  lead: number;
  /** Characters sent since its last acknowledgement. */
  unacknowledgedCharacters: number;
}

/** By what an observer is in a room. */
export interface Access {
  readonly room: string;
  readonly roles: readonly string[];
}

/** A live observer that has this many characters to acknowledge falls behind: frames stop for it. */
export const MAX_UNACKNOWLEDGED_CHARACTERS = 1024 * 1024;

export type Verdict = "send" | "withhold" | (typeof CLOSE)["tooFarBehind" | "tokenExpired"];

/** A frame with the events after `after` up to `to` is ready: does this observer get it? */
export function onFrame(
  observer: Observer,
  frame: { after: number; to: number; characters: number },
  now: number,
): Verdict {
  if (hasExpired(observer, now)) return CLOSE.tokenExpired;
  if (observer.sent !== frame.after) {
    // The next frame of its own waits for its acknowledgement; meanwhile the room moves on.
    return frame.to - observer.lead > MAX_UNACKNOWLEDGED ? CLOSE.tooFarBehind : "withhold";
  }
  if (frame.to - observer.acknowledged > MAX_UNACKNOWLEDGED) return CLOSE.tooFarBehind;
  if (observer.unacknowledgedCharacters + frame.characters > MAX_UNACKNOWLEDGED_CHARACTERS) {
    observer.lead = observer.acknowledged;
    return "withhold";
  }
  observer.sent = frame.to;
  observer.unacknowledgedCharacters += frame.characters;
  return "send";
}

/** Takes an acknowledgement. @returns false when it names no event that was sent since the last one */
export function onAcknowledgement(observer: Observer, id: number, head: number): boolean {
  if (!Number.isSafeInteger(id) || id <= observer.acknowledged || id > observer.sent) return false;
  observer.acknowledged = id;
  observer.lead = head;
  observer.unacknowledgedCharacters = 0;
  return true;
}

/** How many events a frame of its own may hold now; 0 when it is live or has to acknowledge first. */
export function allowance(observer: Observer, head: number): number {
  if (observer.sent >= head) return 0;
  return MAX_UNACKNOWLEDGED - (observer.sent - observer.acknowledged);
}

/** A frame of its own was sent, up to event `to`. */
export function onReplay(
  observer: Observer,
  frame: { to: number; characters: number },
  head: number,
): void {
  observer.sent = frame.to;
  observer.lead = head;
  observer.unacknowledgedCharacters += frame.characters;
}

export function isLive(observer: Observer, head: number): boolean {
  return observer.sent >= head;
}

/** @param now seconds since 1970 */
export function hasExpired({ expiresAt }: Pick<Observer, "expiresAt">, now: number): boolean {
  return expiresAt <= now;
}

/** How an observer that has events up to `since` of `epoch` goes on. */
export function resume(
  log: { epoch: string; floor: number; head: number },
  from: { since: number; epoch: string } | undefined,
): { recovered: boolean; gap: number | null; after: number } {
  if (from === undefined) return { recovered: false, gap: 0, after: log.head };
  if (from.epoch !== log.epoch || from.since > log.head) {
    return { recovered: false, gap: null, after: log.head };
  }
  if (from.since < log.floor) {
    return { recovered: false, gap: log.floor - from.since, after: log.head };
  }
  return { recovered: true, gap: 0, after: from.since };
}

/** Presence is told at most once in this time: rarer the more there are to be told. Milliseconds. */
export function presencePeriod(observers: number): number {
  return 1_000 + observers;
}
