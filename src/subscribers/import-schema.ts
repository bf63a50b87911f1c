import { z } from "@hono/zod-openapi";
import { pointInTime } from "../http/list-query.ts";
import { OUTCOMES } from "./add.ts";
import { newSubscription } from "./subscribe-schema.ts";

export const IMPORT_MAX_BYTES = 32 * 1024 * 1024;
export const IMPORT_MAX_LINES = 200_000;
export const IMPORT_MAX_ERRORS = 1_000;

export const importQuery = z.object({
  dryRun: z
    .enum(["true", "false"])
    .default("false")
    .transform((text) => text === "true")
    .openapi({
      type: "string",
      enum: ["true", "false"],
      description: "`true`: says what would become of each line, and stores nothing.",
      example: "true",
    }),
});

/** No list is older, and a date before it is a slip of the pen. */
const EARLIEST = Date.UTC(1990, 0, 1);
const CLOCK_SKEW_MS = 10 * 60_000;

const { consent, ...others } = newSubscription.shape;

/** One line of a file, by the names of its columns; an empty cell is an absent one. */
export const importedLine = z.object({
  ...others,
  status: z.string().optional(),
  deletedAt: z.string().optional(),
  subscribedAt: z
    .union([z.iso.datetime({ offset: true }), z.iso.date()], "must be a date or a time of RFC 3339")
    .transform((text) => new Date(text))
    .refine(
      (date) => date.getTime() >= EARLIEST && date.getTime() <= Date.now() + CLOCK_SKEW_MS,
      "must be a time between 1990 and now",
    )
    .optional(),
  consentAt: pointInTime.transform((time) => time.toISOString()).optional(),
  consentPage: consent.unwrap().shape.page,
  consentWording: consent.unwrap().shape.wording,
});
export type ImportedLine = z.output<typeof importedLine>;
export const IMPORTED_FIELDS = Object.keys(importedLine.shape) as (keyof ImportedLine)[];

const counters = {
  read: z.int().openapi({ description: "Lines so far, without the header.", example: 2_000 }),
  added: z.int().openapi({ example: 1_996 }),
  skipped: z.int().openapi({ example: 4 }),
};

const skipCode = z
  .enum(["invalid_line", "invalid_value", "duplicate_in_file", ...OUTCOMES])
  .exclude(["added"]);
export type SkipCode = z.output<typeof skipCode>;

const progress = z
  .object({ type: z.literal("progress"), ...counters })
  .openapi({ description: "The first before anything else, then one a batch." });

const lineError = z
  .object({
    type: z.literal("error"),
    line: z.int().openapi({ description: "Where it begins in the file, from 1.", example: 7 }),
    code: skipCode.openapi({ example: "subscriber_unsubscribed" }),
    detail: z.string().openapi({ example: "This address has left the list" }),
    field: z.string().optional().openapi({ description: "Of `invalid_value`.", example: "email" }),
  })
  .openapi({ description: `A line that was skipped; the first ${IMPORT_MAX_ERRORS} of them.` });

const brokenOff = z
  .object({
    type: z.literal("problem"),
    code: z.string().openapi({ example: "malformed_body" }),
    title: z.string(),
    detail: z.string().optional(),
    ...counters,
  })
  .openapi({
    description: "The last line of an import that broke off; what was added before stays.",
  });

const result = z
  .object({
    type: z.literal("result"),
    dryRun: z.boolean(),
    ...counters,
    skippedByCode: z.partialRecord(skipCode, z.int()),
    errorsOmitted: z.int().openapi({ description: "Skipped lines that were not listed." }),
  })
  .openapi({ description: "The last line of an import that came to its end." });

/** One line of the answer. */
export const importMessage = z
  .discriminatedUnion("type", [progress, lineError, brokenOff, result])
  .openapi("ImportMessage");
export type ImportMessage = z.output<typeof importMessage>;
