import { useSyncExternalStore } from "react";

const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto", style: "narrow" });
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const dayAndYear = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "short" });

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let now = Date.now();
const listeners = new Set<() => void>();
setInterval(() => {
  now = Date.now();
  for (const listener of listeners) listener();
}, MINUTE / 2);

/** The current minute; the one timer behind every "3 min ago". */
function useNow(): number {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    () => now,
  );
}

/** As short as it can be said: minutes ago, the time today, the day before that. */
function shortTime(instant: string, from: number): string {
  const date = new Date(instant);
  const age = from - date.getTime();
  if (age < MINUTE) return "now";
  if (age < HOUR) return relative.format(-Math.floor(age / MINUTE), "minute");
  const today = new Date(from);
  if (date.toDateString() === today.toDateString()) return clock.format(date);
  return (date.getFullYear() === today.getFullYear() ? day : dayAndYear).format(date);
}

export function fullTime(instant: string): string {
  return full.format(new Date(instant));
}

/** An instant in the viewer's zone; the whole of it on hovering. */
export function Time({ at, long = false }: { at: string; long?: boolean }) {
  const from = useNow();
  return (
    <time dateTime={at} title={fullTime(at)}>
      {long ? fullTime(at) : shortTime(at, from)}
    </time>
  );
}
