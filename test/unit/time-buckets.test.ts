import { describe, expect, it } from "vitest";
import {
  coverByGrains,
  cutIntoBuckets,
  isTimeZone,
  QUARTER_HOUR,
  type Stretch,
} from "../../src/db/time-buckets.ts";

const HOUR = 4 * QUARTER_HOUR;

function cut(from: string, to: string, bucket: "hour" | "day" | "week" | "month", zone: string) {
  const stretch = { start: Date.parse(from), end: Date.parse(to) };
  return cutIntoBuckets(stretch, bucket, zone, 10_000) ?? [];
}

const startsOf = (buckets: readonly Stretch[]) =>
  buckets.map(({ start }) => new Date(start).toISOString().slice(0, 16));
const hoursOf = (buckets: readonly Stretch[]) =>
  buckets.map(({ start, end }) => (end - start) / HOUR);

describe("buckets of a time zone", () => {
  it("are days of 23 and 25 hours when the clock is changed", () => {
    const spring = cut("2026-03-27T23:00Z", "2026-03-30T22:00Z", "day", "Europe/Berlin");
    expect(hoursOf(spring)).toEqual([24, 23, 24]);
    const autumn = cut("2026-10-23T22:00Z", "2026-10-26T23:00Z", "day", "Europe/Berlin");
    expect(hoursOf(autumn)).toEqual([24, 25, 24]);
  });

  it("begin when the clock jumps over midnight", () => {
    // Cairo: 00:00 becomes 01:00 on 24 April 2026.
    const days = cut("2026-04-22T22:00Z", "2026-04-25T21:00Z", "day", "Africa/Cairo");
    expect(startsOf(days)).toEqual(["2026-04-22T22:00", "2026-04-23T22:00", "2026-04-24T21:00"]);
    expect(hoursOf(days)).toEqual([24, 23, 24]);
  });

  it("take midnight's first time when the clock shows it twice", () => {
    // Havana: 01:00 becomes 00:00 on 1 November 2026, 05:00 UTC.
    const days = cut("2026-10-31T04:00Z", "2026-11-03T05:00Z", "day", "America/Havana");
    expect(startsOf(days)).toEqual(["2026-10-31T04:00", "2026-11-01T04:00", "2026-11-02T05:00"]);
  });

  it("follow a zone that is three quarters of an hour off", () => {
    const days = cut("2026-05-01T00:00Z", "2026-05-03T00:00Z", "day", "Asia/Kathmandu");
    expect(startsOf(days)).toEqual(["2026-05-01T00:00", "2026-05-01T18:15", "2026-05-02T18:15"]);
    const hours = cut("2026-05-01T00:15Z", "2026-05-01T02:15Z", "hour", "Asia/Kathmandu");
    expect(hoursOf(hours)).toEqual([1, 1]);
  });

  it("find the full hour again where the clock is changed by half of one", () => {
    // Lord Howe Island: 02:00 +11 becomes 01:30 +10:30 on 5 April 2026, 15:00 UTC the day before.
    const hours = cut("2026-04-04T13:00Z", "2026-04-04T17:30Z", "hour", "Australia/Lord_Howe");
    expect(hoursOf(hours)).toEqual([1, 1, 0.5, 1, 1]);
  });

  it("leave out a day that a country left out", () => {
    // Samoa went over the date line: there was no 30 December 2011.
    const days = cut("2011-12-29T10:00Z", "2012-01-01T10:00Z", "day", "Pacific/Apia");
    expect(startsOf(days)).toEqual(["2011-12-29T10:00", "2011-12-30T10:00", "2011-12-31T10:00"]);
  });

  it("are weeks from Monday, and months", () => {
    const weeks = cut("2026-01-01T00:00Z", "2026-01-20T00:00Z", "week", "UTC");
    expect(startsOf(weeks)).toEqual([
      "2026-01-01T00:00",
      "2026-01-05T00:00",
      "2026-01-12T00:00",
      "2026-01-19T00:00",
    ]);
    const months = cut("2026-02-01T05:00Z", "2026-05-01T04:00Z", "month", "America/New_York");
    expect(startsOf(months)).toEqual(["2026-02-01T05:00", "2026-03-01T05:00", "2026-04-01T04:00"]);
  });

  it("adjoin each other in every zone, whatever its clock does", () => {
    const stretch = {
      start: Date.parse("2026-01-01T00:00Z"),
      end: Date.parse("2026-12-31T00:00Z"),
    };
    for (const zone of Intl.supportedValuesOf("timeZone")) {
      const buckets = cutIntoBuckets(stretch, "day", zone, 400) ?? [];
      const faults = buckets.filter(
        ({ start, end }, index) =>
          start >= end ||
          start % QUARTER_HOUR !== 0 ||
          end !== (buckets[index + 1]?.start ?? stretch.end),
      );
      expect([zone, buckets[0]?.start, faults]).toEqual([zone, stretch.start, []]);
    }
  }, 60_000);

  it("are not made beyond a limit", () => {
    const stretch = { start: 0, end: 10 * HOUR };
    expect(cutIntoBuckets(stretch, "hour", "UTC", 10)).toHaveLength(10);
    expect(cutIntoBuckets(stretch, "hour", "UTC", 9)).toBeUndefined();
  });

  it.each(["Europe/Berlin", "UTC", "Asia/Kathmandu", "Etc/GMT+5"])("know the zone %s", (zone) => {
    expect(isTimeZone(zone)).toBe(true);
  });

  it.each(["", "Mars/Olympus", "+01:00", "Europe/Berlin; DROP", "\0"])("know no %j", (zone) => {
    expect(isTimeZone(zone)).toBe(false);
  });
});

describe("the cover of a stretch", () => {
  it("is whole days, hours beside them and quarters at the edges", () => {
    const start = Date.parse("2026-05-01T21:45Z");
    const end = Date.parse("2026-05-04T02:30Z");
    const cover = coverByGrains([{ start, end }]);
    expect(cover.map((piece) => [piece.grain, new Date(piece.start).toISOString()])).toEqual([
      [15, "2026-05-01T21:45:00.000Z"],
      [60, "2026-05-01T22:00:00.000Z"],
      [1440, "2026-05-02T00:00:00.000Z"],
      [60, "2026-05-04T00:00:00.000Z"],
      [15, "2026-05-04T02:00:00.000Z"],
    ]);
  });

  it("covers every stretch exactly, by whole units", () => {
    for (let quarters = 0; quarters < 250; quarters += 7) {
      for (let length = 1; length < 250; length += 5) {
        const start = quarters * QUARTER_HOUR;
        const end = start + length * QUARTER_HOUR;
        const pieces = coverByGrains([{ start, end }]);
        let at = start;
        for (const piece of pieces) {
          const unit = piece.grain * 60_000;
          expect([piece.start, piece.start % unit, piece.end % unit]).toEqual([at, 0, 0]);
          at = piece.end;
        }
        expect(at).toBe(end);
      }
    }
  });
});
