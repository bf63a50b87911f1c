import { z } from "@hono/zod-openapi";
import { pageQuery } from "./pagination.ts";
import { singleLine } from "./text.ts";

/** A point in time as callers write it, of any offset, in the years that RFC 3339 and Postgres share. */
export const pointInTime = z.iso
  .datetime({ offset: true })
  .transform((text) => new Date(text))
  .refine((time) => /^(?!0000)\d{4}-/.test(time.toISOString()), "must be in the years 1 to 9999")
  .openapi({ type: "string", format: "date-time", example: "2026-11-01T00:00:00Z" });

/** `?deleted=true`: only the bin. */
const deletedFlag = z
  .enum(["true", "false"])
  .default("false")
  .transform((text) => text === "true")
  .openapi({
    type: "string",
    enum: ["true", "false"],
    description: "`true`: only what was deleted. For those who may delete.",
    example: "false",
  });

export const deletedQuery = z.object({ deleted: deletedFlag });

/** The query of a trail. */
export const activityQuery = z.object({ ...pageQuery.shape, deleted: deletedFlag });

/** What every list can be narrowed by, besides its statuses. */
export const commonFilters = {
  source: singleLine(200).optional().openapi({ example: "contact-page" }),
  deleted: deletedFlag,
  order: z.enum(["newest", "oldest"]).default("newest").openapi({ example: "newest" }),
};

const EXPORT_FORMATS = ["csv", "ndjson"] as const;

export const formatParameter = z.enum(EXPORT_FORMATS).optional().openapi({
  description: "Goes before `Accept`.",
  example: "csv",
});

/** One status, or the parameter repeated. @param name of the schema of one */
export function severalStatuses<T extends z.ZodType<string>>(
  status: T,
  name: string,
  example: readonly string[],
) {
  return z
    .union([status.transform((one) => [one]), z.array(status)])
    .optional()
    .openapi({
      description: "Only these; repeat the parameter for several. All when absent.",
      type: "array",
      items: { $ref: `#/components/schemas/${name}` },
      example: [...example],
    });
}

/** The same for the same filters, however they were written: what a cursor is bound to. */
export function fingerprintOf(filters: Readonly<Record<string, unknown>>): string {
  const entries = Object.entries(filters)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name, Array.isArray(value) ? [...new Set(value)].sort() : value])
    .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
  return JSON.stringify(entries);
}
