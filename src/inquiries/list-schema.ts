import { z } from "@hono/zod-openapi";
import {
  commonFilters,
  formatParameter,
  pointInTime,
  severalStatuses,
} from "../http/list-query.ts";
import { pageOf, pageQuery } from "../http/pagination.ts";
import { singleLine } from "../http/text.ts";
import { inquiry, inquiryStatus } from "./schema.ts";

/** What decides which inquiries a list or an export holds. */
const filters = {
  ...commonFilters,
  status: severalStatuses(inquiryStatus, "InquiryStatus", ["NEW", "IN_PROGRESS"]),
  q: singleLine(200).optional().openapi({
    description:
      "Every word of it occurs in name, e-mail address, subject or message, whatever its case; a word of one or two characters where a word begins. Those without `contact` do not search addresses.",
    example: "isle wight",
  }),
  assignee: singleLine(200).optional().openapi({
    description: "A token's subject.",
    example: "employee",
  }),
  from: pointInTime.optional().openapi({ description: "Submitted at this time or later." }),
  to: pointInTime.optional().openapi({ description: "Submitted before this time." }),
};

export const inquiryListQuery = z.object({ ...pageQuery.shape, ...filters });
export type InquiryListQuery = z.output<typeof inquiryListQuery>;

export const inquiryPage = pageOf(inquiry).openapi("InquiryPage");

export const inquiryExportQuery = z.object({ ...filters, format: formatParameter });

export type InquiryFilters = Omit<z.output<typeof inquiryExportQuery>, "format">;
