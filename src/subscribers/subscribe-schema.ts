import { z } from "@hono/zod-openapi";
import { emailAddress, multiLine, singleLine } from "../http/text.ts";
import { languageTag } from "../http/values.ts";

/** Of what a page fills in, in characters. */
export const MAXIMA = { source: 200, page: 500, wording: 2_000 } as const;

/** What a stranger sends. When it was agreed to, we say. */
export const newSubscription = z
  .strictObject({
    email: emailAddress().openapi({ example: "ada@example.com" }),
    name: singleLine(200).optional().openapi({ example: "Ada Byron" }),
    source: singleLine(MAXIMA.source)
      .optional()
      .openapi({ description: "Which form or page it comes from.", example: "footer" }),
    locale: languageTag.optional(),
    consent: z
      .strictObject({
        page: singleLine(MAXIMA.page)
          .optional()
          .openapi({ example: "https://www.example.com/news" }),
        wording: multiLine(MAXIMA.wording)
          .optional()
          .openapi({ description: "What was agreed to.", example: "Send me the newsletter." }),
      })
      .optional(),
  })
  .openapi("NewSubscription");

export type NewSubscription = z.output<typeof newSubscription>;

export const subscriptionAccepted = z
  .object({ status: z.literal("ACCEPTED") })
  .openapi("SubscriptionAccepted");
