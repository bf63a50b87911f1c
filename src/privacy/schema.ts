import { z } from "@hono/zod-openapi";
import { emailAddress } from "../http/text.ts";

const instant = z.iso.datetime().openapi({ example: "2026-11-22T09:30:00.000Z" });

export const privacySubject = z
  .strictObject({ email: emailAddress().openapi({ example: "ada@example.com" }) })
  .openapi("PrivacySubject");

export const privacyReport = z
  .object({
    email: z.string().openapi({ example: "ada@example.com" }),
    reportedAt: instant,
    suppressed: z.boolean().openapi({
      description: "The address was erased before and must not be written to.",
      example: false,
    }),
    mentionedIn: z.array(z.string()).openapi({
      description:
        "Inquiries of others whose text names the address, at most 100. They are for somebody to look at, and no erasure touches them.",
      example: [],
    }),
    data: z.record(z.string(), z.array(z.unknown())).openapi({
      description: "Everything held, by kind, as it is stored, deleted or not.",
      example: {
        inquiries: [{ id: "249870643200008192", email: "ada@example.com", activity: [] }],
      },
    }),
  })
  .openapi("PrivacyReport");
export type PrivacyReport = z.output<typeof privacyReport>;

export const privacyErasure = z
  .object({
    erasedAt: instant,
    erased: z.record(z.string(), z.int()).openapi({ example: { inquiries: 2 } }),
  })
  .openapi("PrivacyErasure");
export type PrivacyErasure = z.output<typeof privacyErasure>;
