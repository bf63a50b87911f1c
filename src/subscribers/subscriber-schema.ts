import { z } from "@hono/zod-openapi";
import { SUBSCRIBER_STATUSES } from "../db/schema.ts";
import { id, instant } from "../http/values.ts";

export const subscriberStatus = z
  .enum(SUBSCRIBER_STATUSES)
  .openapi("SubscriberStatus", { example: "ACTIVE" });

/** A subscriber as the desk sees it, and as the room `subscribers` tells of one. Never a token. */
export const subscriber = z
  .object({
    id,
    status: subscriberStatus,
    email: z
      .string()
      .nullable()
      .openapi({ description: "As typed; null after an erasure.", example: "ada@example.com" }),
    name: z.string().nullable().openapi({ example: "Ada Byron" }),
    source: z.string().nullable().openapi({ example: "footer" }),
    locale: z.string().nullable().openapi({ example: "en-GB" }),
    consent: z
      .object({
        at: instant,
        page: z.string().optional().openapi({ example: "https://www.example.com/news" }),
        wording: z.string().optional().openapi({ example: "Send me the newsletter." }),
      })
      .nullable()
      .openapi({ description: "What was agreed to, when and where, the latest time." }),
    spamReasons: z.array(z.string()).openapi({
      description: "Why a sign-up was not made ACTIVE; emptied when it is.",
      example: [],
    }),
    version: z.int().openapi({
      description: 'Goes up with every change; the ETag is `"v<version>"`.',
      example: 1,
    }),
    subscribedAt: instant.openapi({ description: "The latest time." }),
    unsubscribedAt: instant.nullable().openapi({ example: null }),
    createdAt: instant,
    createdBy: z.string().nullable().openapi({
      description: "Who entered it; null for a visitor.",
      example: null,
    }),
    modifiedAt: instant,
    modifiedBy: z.string().nullable().openapi({ example: null }),
    deletedAt: instant.nullable().openapi({ description: "Only set in the bin.", example: null }),
  })
  .openapi("Subscriber");

export type Subscriber = z.output<typeof subscriber>;
