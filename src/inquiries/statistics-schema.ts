import { z } from "@hono/zod-openapi";
import { statisticsPeriod, statisticsSeries } from "../http/statistics-query.ts";
import { inquiryStatus } from "./schema.ts";

const counts = z.record(inquiryStatus, z.int()).openapi({
  example: { NEW: 12, IN_PROGRESS: 3, RESOLVED: 410, CANCELLED: 77 },
});

export const inquiryCounts = z
  .object({ counts, total: z.int().openapi({ example: 502 }) })
  .openapi("InquiryCounts");
export type InquiryCounts = z.output<typeof inquiryCounts>;

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
    ...statisticsPeriod,
    totals: z.object(amounts),
    series: statisticsSeries(amounts),
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
