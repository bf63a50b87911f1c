import { z } from "@hono/zod-openapi";
import { emailAddress, multiLine, singleLine } from "../http/text.ts";
import { languageTag } from "../http/values.ts";

/** What a stranger sends. When it was agreed to, we say. */
export const newSubscription = z
  .strictObject({
    email: emailAddress().openapi({ example: "ada@example.com" }),
    name: singleLine(200).optional().openapi({ example: "Ada Byron" }),
    source: singleLine(200)
      .optional()
      .openapi({ description: "Which form or page it comes from.", example: "footer" }),
    locale: languageTag.optional(),
    consent: z
      .strictObject({
        page: singleLine(500).optional().openapi({ example: "https://www.example.com/news" }),
        wording: multiLine(2_000)
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
