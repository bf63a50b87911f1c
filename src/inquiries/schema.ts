import { z } from "@hono/zod-openapi";
import { emailAddress, multiLine, singleLine } from "../http/text.ts";
import { id, instant, languageTag } from "../http/values.ts";

/** NEW → IN_PROGRESS → RESOLVED, and CANCELLED from any of them. */
export const inquiryStatus = z
  .enum(["NEW", "IN_PROGRESS", "RESOLVED", "CANCELLED"])
  .openapi("InquiryStatus", { example: "NEW" });

export const METADATA_MAX_KEYS = 20;
export const METADATA_MAX_CHARACTERS = 500;
export const SOURCE_MAX_CHARACTERS = 200;

export const metadata = z
  .record(singleLine(100), multiLine(METADATA_MAX_CHARACTERS))
  .refine((value) => Object.keys(value).length <= METADATA_MAX_KEYS, {
    message: `must not have more than ${METADATA_MAX_KEYS} keys`,
  })
  .openapi({
    maxProperties: METADATA_MAX_KEYS,
    example: { company: "Harbour Books Ltd", budget: "under 500" },
  });

/** What a stranger sends. Unknown fields are refused; an HTML form's go into `metadata` beforehand. */
export const inquirySubmission = z
  .strictObject({
    name: singleLine(200).openapi({ example: "Ada Byron" }),
    email: emailAddress().openapi({ example: "ada@example.com" }),
    message: multiLine(20_000).openapi({ example: "Do you deliver to the Isle of Wight?" }),
    phone: singleLine(40).optional().openapi({ example: "+44 20 7946 0018" }),
    subject: singleLine(200).optional().openapi({ example: "Delivery" }),
    source: singleLine(SOURCE_MAX_CHARACTERS)
      .optional()
      .openapi({ description: "Which form or page it comes from.", example: "contact-page" }),
    locale: languageTag.optional(),
    metadata: metadata.optional(),
  })
  .openapi("InquirySubmission");

export type InquirySubmission = z.output<typeof inquirySubmission>;

/** The fields an HTML form may name; every other one goes into `metadata`. */
export const SUBMISSION_FIELDS: ReadonlySet<string> = new Set(
  Object.keys(inquirySubmission.shape).filter((field) => field !== "metadata"),
);

const receipt = z.string().openapi({
  description: "Identifies the submission, also while it has no id yet.",
  example: "content.2990304.mB3s0kQ9xYw1f3dWcXk2mJv8pTn6uRz4aLhEoIyKbGg",
});

export const submissionAccepted = z
  .object({ id, receipt, status: z.literal("NEW"), submittedAt: instant })
  .openapi("SubmissionAccepted");

export const submissionQueued = z
  .object({ receipt, status: z.literal("QUEUED"), submittedAt: instant })
  .openapi("SubmissionQueued");

/** An inquiry as the desk sees it. E-mail and phone are masked for those without `contact`. */
export const inquiry = z
  .object({
    id,
    status: inquiryStatus,
    name: z.string().openapi({ example: "Ada Byron" }),
    email: z.string().nullable().openapi({ example: "ada@example.com" }),
    phone: z.string().nullable().openapi({ example: "+44 20 7946 0018" }),
    subject: z.string().nullable().openapi({ example: "Delivery" }),
    message: z.string().openapi({ example: "Do you deliver to the Isle of Wight?" }),
    source: z.string().nullable().openapi({ example: "contact-page" }),
    locale: z.string().nullable().openapi({ example: "en-GB" }),
    metadata: z.record(z.string(), z.string()).openapi({ example: { company: "Harbour Books" } }),
    assignee: z.string().nullable().openapi({ description: "A token's subject.", example: null }),
    spamReasons: z.array(z.string()).openapi({
      description: "Why it was filed as spam; emptied when the desk brings it back.",
      example: [],
    }),
    country: z.string().nullable().openapi({ example: "GB" }),
    version: z.int().openapi({
      description: 'Goes up with every change; the ETag is `"v<version>"`.',
      example: 1,
    }),
    submittedAt: instant,
    firstHandledAt: instant.nullable().openapi({
      description: "When it first left NEW.",
      example: null,
    }),
    createdAt: instant,
    createdBy: z.string().nullable().openapi({
      description: "Who entered it; null for a visitor.",
      example: null,
    }),
    modifiedAt: instant,
    modifiedBy: z.string().nullable().openapi({ example: null }),
    deletedAt: instant.nullable().openapi({ description: "Only set in the bin.", example: null }),
  })
  .openapi("Inquiry");

export type Inquiry = z.output<typeof inquiry>;
