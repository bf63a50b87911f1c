import { z } from "@hono/zod-openapi";
import {
  commonFilters,
  formatParameter,
  pointInTime,
  severalStatuses,
} from "../http/list-query.ts";
import { pageOf, pageQuery } from "../http/pagination.ts";
import { singleLine } from "../http/text.ts";
import { subscriber, subscriberStatus } from "./subscriber-schema.ts";

/** What decides which subscribers a list or an export holds. */
const filters = {
  ...commonFilters,
  status: severalStatuses(subscriberStatus, "SubscriberStatus", ["ACTIVE"]),
  q: singleLine(200).optional().openapi({
    description:
      "Every word of it occurs in e-mail address or name, whatever its case; a word of one or two characters where a word begins.",
    example: "byron",
  }),
  from: pointInTime.optional().openapi({
    description: "On the list since this time or later, wherever they were before.",
  }),
  to: pointInTime.optional().openapi({ description: "On the list before this time." }),
};

export const subscriberListQuery = z.object({ ...pageQuery.shape, ...filters });
export type SubscriberListQuery = z.output<typeof subscriberListQuery>;

export const subscriberPage = pageOf(subscriber).openapi("SubscriberPage");

export const subscriberExportQuery = z.object({ ...filters, format: formatParameter });

export type SubscriberFilters = Omit<z.output<typeof subscriberExportQuery>, "format">;

export const mailingQuery = z.object({ format: formatParameter });
