import { z } from "@hono/zod-openapi";
import { ACTIVITY_KINDS } from "../db/schema.ts";
import { isSnowflake } from "../db/snowflake.ts";
import { pageOf } from "../http/pagination.ts";
import { emailAddress, multiLine, singleLine } from "../http/text.ts";
import { id, instant, languageTag } from "../http/values.ts";
import { inquiryStatus, inquirySubmission, METADATA_MAX_CHARACTERS, metadata } from "./schema.ts";

const assignee = singleLine(200).openapi({ example: "employee" });

/** What staff enter. Somebody who telephones leaves no e-mail address, but then a number. */
export const inquiryEntry = inquirySubmission
  .extend({
    email: inquirySubmission.shape.email.optional(),
    metadata: metadata.default({}),
    assignee: assignee.optional(),
  })
  .refine(({ email, phone }) => email !== undefined || phone !== undefined, {
    path: ["email"],
    message: "an e-mail address or a phone number is needed",
  })
  .openapi("InquiryEntry", {
    example: {
      name: "Ada Byron",
      phone: "+44 20 7946 0018",
      message: "Telephoned: do we deliver to the Isle of Wight?",
      source: "phone",
    },
  });
export type InquiryEntry = z.output<typeof inquiryEntry>;

/** RFC 7396: what is absent stays, null takes away. */
export const inquiryPatch = z
  .strictObject({
    status: inquiryStatus,
    assignee: assignee.nullable(),
    name: singleLine(200),
    email: emailAddress().nullable(),
    phone: singleLine(40).nullable(),
    subject: singleLine(200).nullable(),
    message: multiLine(20_000),
    source: singleLine(200).nullable(),
    locale: languageTag.nullable(),
    metadata: z
      .record(singleLine(100), multiLine(METADATA_MAX_CHARACTERS).nullable())
      .nullable()
      .openapi({ description: "Merged key by key; null takes a key, or all of them, away." }),
  })
  .partial()
  .openapi("InquiryPatch", { example: { status: "IN_PROGRESS", assignee: "employee" } });
export type InquiryPatch = z.output<typeof inquiryPatch>;

const MAX_BULK = 200;

export const bulkTriage = z
  .strictObject({
    ids: z
      .array(z.string().refine(isSnowflake, "must be a Snowflake id"))
      .min(1)
      .max(MAX_BULK)
      .refine((ids) => new Set(ids).size === ids.length, "must not repeat an id")
      .openapi({ example: ["249870643200008192", "249870643200008193"] }),
    status: inquiryStatus,
  })
  .openapi("BulkTriage");

export const bulkTriageAnswer = z
  .object({
    data: z.array(
      z.object({
        id,
        outcome: z.enum(["updated", "unchanged", "not_found", "conflict"]),
        status: inquiryStatus.optional().openapi({ description: "What it is now." }),
        version: z.int().optional(),
        allowed: z
          .array(inquiryStatus)
          .optional()
          .openapi({ description: "After a conflict: what it may become." }),
      }),
    ),
  })
  .openapi("BulkTriageAnswer", {
    example: {
      data: [
        { id: "249870643200008192", outcome: "updated", status: "IN_PROGRESS", version: 2 },
        {
          id: "249870643200008193",
          outcome: "conflict",
          status: "RESOLVED",
          version: 3,
          allowed: ["CANCELLED"],
        },
      ],
    },
  });
export type BulkTriageAnswer = z.output<typeof bulkTriageAnswer>;

export const activityEntry = z
  .object({
    id,
    inquiryId: id,
    kind: z.enum(ACTIVITY_KINDS).openapi({ example: "status" }),
    actor: z
      .string()
      .nullable()
      .openapi({ description: "A token's subject.", example: "employee" }),
    note: z.string().optional().openapi({ example: "Called back, no answer." }),
    changes: z
      .record(z.string(), z.object({ before: z.unknown(), after: z.unknown() }))
      .optional()
      .openapi({ example: { status: { before: "NEW", after: "IN_PROGRESS" } } }),
    createdAt: instant,
  })
  .openapi("InquiryActivity");
export type ActivityEntry = z.output<typeof activityEntry>;

export const activityPage = pageOf(activityEntry).openapi("InquiryActivityPage");

export const newNote = z
  .strictObject({ note: multiLine(5_000).openapi({ example: "Called back, no answer." }) })
  .openapi("NewNote");
