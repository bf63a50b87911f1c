import { z } from "@hono/zod-openapi";
import {
  BUCKETS,
  cutIntoBuckets,
  isTimeZone,
  QUARTER_HOUR,
  type Stretch,
} from "../db/time-buckets.ts";
import { pointInTime } from "./list-query.ts";
import { Problem } from "./problem.ts";
import { instant } from "./values.ts";

const MAX_BUCKETS = 1_000;

export const statisticsQuery = z.object({
  from: pointInTime.optional().openapi({
    description: "30 days before `to` when absent. Rounded down to a quarter of an hour.",
    example: "2026-11-01T00:00:00+01:00",
  }),
  to: pointInTime.optional().openapi({
    description: "Not included; now when absent. Rounded up to a quarter of an hour.",
    example: "2026-12-01T00:00:00+01:00",
  }),
  bucket: z
    .enum(BUCKETS)
    .default("day")
    .openapi({
      description: `At most ${MAX_BUCKETS.toLocaleString("en-US")} buckets.`,
      example: "day",
    }),
  timeZone: z
    .string()
    .max(64)
    .refine(isTimeZone, "must be an IANA time zone")
    .default("UTC")
    .openapi({ description: "Any IANA time zone.", example: "Europe/Berlin" }),
});
export type StatisticsQuery = z.output<typeof statisticsQuery>;

/** What statistics say of the time they are about. */
export const statisticsPeriod = {
  from: instant,
  to: instant,
  bucket: z.enum(BUCKETS),
  timeZone: z.string().openapi({ example: "Europe/Berlin" }),
};

type Period = Readonly<Record<"from" | "to", string>> &
  Pick<StatisticsQuery, "bucket" | "timeZone">;

/** A series of buckets. @param amounts what each holds */
export function statisticsSeries<T extends z.ZodRawShape>(amounts: T) {
  return z
    .array(z.object({ start: instant, end: instant, ...amounts }))
    .openapi({ description: "Every bucket, empty ones too; the outer two cut to the period." });
}

const DEFAULT_PERIOD_MS = 30 * 24 * 60 * 60_000;

/**
 * The time that is asked about, in quarters of an hour, and its buckets.
 * @throws {Problem} `validation_failed` for a period that ends before it begins or has too many buckets
 */
export function bucketsOf(
  { from, to, bucket, timeZone }: StatisticsQuery,
  now: Date,
): { period: Period; buckets: Stretch[] } {
  const until = to ?? now;
  const start = floorToQuarter(from?.getTime() ?? until.getTime() - DEFAULT_PERIOD_MS);
  const end = -floorToQuarter(-until.getTime());
  if (start >= end) throw refusal("?to", "not_after_from", "must be after `from`");
  const buckets = cutIntoBuckets({ start, end }, bucket, timeZone, MAX_BUCKETS);
  if (buckets === undefined) {
    throw refusal(
      "?bucket",
      "too_many_buckets",
      `the period has more than ${MAX_BUCKETS} of these`,
    );
  }
  const times = timesOf({ start, end });
  return { period: { from: times.start, to: times.end, bucket, timeZone }, buckets };
}

/** A stretch as answers have it. */
export function timesOf({ start, end }: Stretch): { start: string; end: string } {
  return { start: new Date(start).toISOString(), end: new Date(end).toISOString() };
}

function floorToQuarter(milliseconds: number): number {
  return Math.floor(milliseconds / QUARTER_HOUR) * QUARTER_HOUR;
}

function refusal(pointer: string, code: string, detail: string): Problem {
  return new Problem("validation_failed", { errors: [{ pointer, code, detail }] });
}
