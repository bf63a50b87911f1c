import { z } from "@hono/zod-openapi";
import { BUCKETS, isTimeZone } from "../db/time-buckets.ts";
import { instant } from "../http/values.ts";
import { inquiryStatus } from "./schema.ts";

const counts = z.record(inquiryStatus, z.int()).openapi({
  example: { NEW: 12, IN_PROGRESS: 3, RESOLVED: 410, CANCELLED: 77 },
});

export const inquiryCounts = z
  .object({ counts, total: z.int().openapi({ example: 502 }) })
  .openapi("InquiryCounts");
export type InquiryCounts = z.output<typeof inquiryCounts>;

export const MAX_BUCKETS = 1_000;

const pointInTime = z.iso.datetime({ offset: true }).transform((text) => new Date(text));

export const statisticsQuery = z.object({
  from: pointInTime.optional().openapi({
    type: "string",
    format: "date-time",
    description: "30 days before `to` when absent. Rounded down to a quarter of an hour.",
    example: "2026-11-01T00:00:00+01:00",
  }),
  to: pointInTime.optional().openapi({
    type: "string",
    format: "date-time",
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

const amounts = {
  submitted: z.int().openapi({ description: "Accepted and spam.", example: 502 }),
  accepted: z.int().openapi({ example: 431 }),
  spam: z.int().openapi({
    description: "Filed as spam and not brought back.",
    example: 71,
  }),
  counts: counts.openapi({ description: "By the status they have now." }),
};

const seconds = z.number().nullable();

export const inquiryStatistics = z
  .object({
    from: instant,
    to: instant,
    bucket: z.enum(BUCKETS),
    timeZone: z.string().openapi({ example: "Europe/Berlin" }),
    totals: z.object(amounts),
    series: z
      .array(z.object({ start: instant, end: instant, ...amounts }))
      .openapi({ description: "Every bucket, empty ones too; the outer two cut to the period." }),
    sources: z
      .array(
        z.object({
          source: z.string().nullable().openapi({ example: "contact-page" }),
          count: z.int().openapi({ example: 312 }),
        }),
      )
      .openapi({ description: "The ten that most came from." }),
    firstHandling: z
      .object({
        handled: z.int().openapi({ example: 413 }),
        medianSeconds: seconds.openapi({ example: 2_412.6 }),
        p90Seconds: seconds.openapi({ example: 40_203.1 }),
      })
      .openapi({
        description:
          "Time from submission until it left NEW, exact to 19 percent; null without any.",
      }),
  })
  .openapi("InquiryStatistics");
export type InquiryStatistics = z.output<typeof inquiryStatistics>;
