import { z } from "@hono/zod-openapi";
import { emailAddress } from "../http/text.ts";
import { instant } from "../http/values.ts";

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
      description:
        "Everything held, by kind, as it is stored, deleted or not; `spool`: writes that wait for the database or were set aside.",
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
    erased: z.record(z.string(), z.int()).openapi({
      description: "How much, by kind; `events`: entries in the rooms' logs.",
      example: { inquiries: 2, spool: 0, events: 5 },
    }),
  })
  .openapi("PrivacyErasure");
export type PrivacyErasure = z.output<typeof privacyErasure>;
