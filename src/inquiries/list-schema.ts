import { z } from "@hono/zod-openapi";
import { pageOf, pageQuery } from "../http/pagination.ts";
import { singleLine } from "../http/text.ts";
import { inquiry, inquiryStatus } from "./schema.ts";

/** A point in time in a query parameter, of any offset. */
const pointInTime = z.iso
  .datetime({ offset: true })
  .transform((text) => new Date(text))
  .openapi({ type: "string", format: "date-time", example: "2026-11-01T00:00:00Z" });

/** `?deleted=true`: only the bin. */
export const deletedFlag = z
  .enum(["true", "false"])
  .default("false")
  .transform((text) => text === "true")
  .openapi({
    type: "string",
    enum: ["true", "false"],
    description: "`true`: only what was deleted. For those who may delete.",
    example: "false",
  });

/** What decides which inquiries a list or an export holds. */
const filters = {
  status: z
    .union([inquiryStatus.transform((status) => [status]), z.array(inquiryStatus)])
    .optional()
    .openapi({
      description: "Only these; repeat the parameter for several. All when absent.",
      type: "array",
      items: { $ref: "#/components/schemas/InquiryStatus" },
      example: ["NEW", "IN_PROGRESS"],
    }),
  q: singleLine(200).optional().openapi({
    description:
      "Every word of it occurs in name, e-mail address, subject or message, whatever its case; a word of one or two characters where a word begins. Those without `contact` do not search addresses.",
    example: "isle wight",
  }),
  source: singleLine(200).optional().openapi({ example: "contact-page" }),
  assignee: singleLine(200).optional().openapi({
    description: "A token's subject.",
    example: "employee",
  }),
  from: pointInTime.optional().openapi({ description: "Submitted at this time or later." }),
  to: pointInTime.optional().openapi({ description: "Submitted before this time." }),
  deleted: deletedFlag,
  order: z.enum(["newest", "oldest"]).default("newest").openapi({ example: "newest" }),
};

// Strict: a filter that was misspelt would show, or export, everything.
export const inquiryListQuery = z.strictObject({ ...pageQuery.shape, ...filters });
export type InquiryListQuery = z.output<typeof inquiryListQuery>;

export const inquiryPage = pageOf(inquiry).openapi("InquiryPage");

export const EXPORT_FORMATS = ["csv", "ndjson"] as const;

export const inquiryExportQuery = z.strictObject({
  ...filters,
  format: z.enum(EXPORT_FORMATS).optional().openapi({
    description: "Goes before `Accept`.",
    example: "csv",
  }),
});

export type InquiryFilters = Omit<z.output<typeof inquiryExportQuery>, "format">;
