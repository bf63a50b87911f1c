/** A stretch of time, in milliseconds since 1970: from `start` up to but not including `end`. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

export const BUCKETS = ["hour", "day", "week", "month"] as const;
export type Bucket = (typeof BUCKETS)[number];

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Every offset of a zone since 1972 is a multiple of this, so every bucket is made of whole ones. */
export const QUARTER_HOUR = 15 * MINUTE;

/** Whether the runtime knows an IANA zone by this name. Offsets like `+01:00` are no names. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat("en-US", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/**
 * Cuts a stretch into the hours, days, weeks (from Monday) or months of a zone. The first and the last
 * are cut to the stretch. Days that a change of the clock makes longer or shorter are exactly that.
 * @param limit buckets at most; `undefined` when there would be more
 */
export function cutIntoBuckets(
  { start, end }: Stretch,
  bucket: Bucket,
  timeZone: string,
  limit: number,
): Stretch[] | undefined {
  const clock = wallClock(timeZone);
  const buckets: Stretch[] = [];
  for (let at = start; at < end; ) {
    if (buckets.length === limit) return undefined;
    const next = Math.min(bucketAfter(clock, at, bucket), end);
    buckets.push({ start: at, end: next });
    at = next;
  }
  return buckets;
}

/**
 * What the clock on the wall shows, as milliseconds of a UTC date that reads the same.
 * @see https://tc39.es/ecma402/#sec-datetimeformat-abstracts
 */
type WallClock = (instant: number) => number;

function wallClock(timeZone: string): WallClock {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    calendar: "gregory",
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  // A boundary is asked for several times, and the format is what costs.
  const known = new Map<number, number>();
  return (instant) => {
    let wall = known.get(instant);
    if (wall === undefined) {
      // 11/22/2026, 15:04:05
      const parts = format.format(instant).match(/\d+/g)?.map(Number) ?? [];
      const [month = 1, day = 1, year = 0, hour = 0, minute = 0, second = 0] = parts;
      wall = Date.UTC(year, month - 1, day, hour, minute, second);
      known.set(instant, wall);
    }
    return wall;
  };
}

function bucketAfter(clock: WallClock, at: number, bucket: Bucket): number {
  const wall = clock(at);
  // Where the clock is changed by half an hour (Lord Howe Island), the hours after it begin at half
  // past; this one ends where the clock shows a full hour again.
  if (bucket === "hour") return at + HOUR - (wall % HOUR);
  return firstInstantOf(clock, wallMidnightAfter(wall, bucket), at);
}

function wallMidnightAfter(wall: number, bucket: Exclude<Bucket, "hour">): number {
  const midnight = Math.floor(wall / DAY) * DAY;
  if (bucket === "day") return midnight + DAY;
  const date = new Date(midnight);
  if (bucket === "week") return midnight + (7 - ((date.getUTCDay() + 6) % 7)) * DAY;
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
}

/**
 * The first instant after `at` at which the clock on the wall shows `wall` or later. Where midnight is
 * skipped (Santiago, Cairo, Beirut), that is when the clock jumps over it.
 */
function firstInstantOf(clock: WallClock, wall: number, at: number): number {
  // Two guesses by the offset nearby are exact but for skipped and repeated times.
  const guess = wall - (clock(at) - at);
  const instant = wall - (clock(guess) - guess);
  if (clock(instant) === wall && clock(instant - QUARTER_HOUR) < wall) return instant;
  // Close to a change of the clock: look at every quarter of an hour around it.
  const first = Math.max(
    at + QUARTER_HOUR,
    Math.floor((instant - 3 * HOUR) / QUARTER_HOUR) * QUARTER_HOUR,
  );
  let candidate = first;
  while (clock(candidate) < wall) candidate += QUARTER_HOUR;
  return candidate;
}

/** How fine counts are kept, in minutes, and the stretches each is to be read for. */
export interface Cover extends Stretch {
  readonly grain: 15 | 60 | 1440;
  /** Which of the stretches it belongs to. */
  readonly index: number;
}

/**
 * Covers each stretch by whole UTC days, whole hours beside them, and quarters of an hour at the edges:
 * the fewest counts that add up to it. Stretches begin and end at quarters of an hour.
 */
export function coverByGrains(stretches: readonly Stretch[]): Cover[] {
  return stretches.flatMap(({ start, end }, index) => {
    const [firstHour, lastHour] = inside(start, end, HOUR);
    const [firstDay, lastDay] = inside(firstHour, lastHour, DAY);
    const pieces: Cover[] = [
      { grain: 15, start, end: firstHour, index },
      { grain: 60, start: firstHour, end: firstDay, index },
      { grain: 1440, start: firstDay, end: lastDay, index },
      { grain: 60, start: lastDay, end: lastHour, index },
      { grain: 15, start: lastHour, end, index },
    ];
    return pieces.filter((piece) => piece.start < piece.end);
  });
}

/** The longest stretch of whole units inside; empty and at the end when there is none. */
function inside(start: number, end: number, unit: number): [number, number] {
  const first = Math.ceil(start / unit) * unit;
  const last = Math.floor(end / unit) * unit;
  return first < last ? [first, last] : [end, end];
}
