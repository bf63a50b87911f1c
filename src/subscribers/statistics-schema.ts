import { z } from "@hono/zod-openapi";
import { statisticsPeriod, statisticsSeries } from "../http/statistics-query.ts";
import { subscriberStatus } from "./subscriber-schema.ts";

export const subscriberCounts = z
  .object({
    counts: z
      .record(subscriberStatus, z.int())
      .openapi({ example: { ACTIVE: 1_204, UNSUBSCRIBED: 96 } }),
    total: z.int().openapi({ example: 1_300 }),
  })
  .openapi("SubscriberCounts");
export type SubscriberCounts = z.output<typeof subscriberCounts>;

const movements = {
  joined: z.int().openapi({ description: "For the first time or again.", example: 41 }),
  left: z.int().openapi({
    description: "Unsubscribed, by themselves or by staff.",
    example: 6,
  }),
  removed: z.int().openapi({
    description: "Deleted or erased by staff while they were active, less those restored.",
    example: 1,
  }),
  net: z.int().openapi({ description: "Joined, less left, less removed.", example: 34 }),
  active: z.int().openapi({ description: "How many there were at the end.", example: 1_204 }),
};

export const subscriberStatistics = z
  .object({
    ...statisticsPeriod,
    totals: z.object(movements),
    series: statisticsSeries(movements),
  })
  .openapi("SubscriberStatistics");
export type SubscriberStatistics = z.output<typeof subscriberStatistics>;
