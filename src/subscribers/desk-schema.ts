import { z } from "@hono/zod-openapi";
import { SUBSCRIBER_ACTIVITY_KINDS } from "../db/schema.ts";
import { pageOf } from "../http/pagination.ts";
import { id, instant } from "../http/values.ts";
import { newSubscription } from "./subscribe-schema.ts";
import { subscriber, subscriberStatus } from "./subscriber-schema.ts";

const { email, name, source, locale, consent } = newSubscription.shape;

/** What staff enter is what a stranger sends. */
export const subscriberEntry = newSubscription
  .extend({ source: source.openapi({ example: "fair-2026" }) })
  .openapi("SubscriberEntry");
export type SubscriberEntry = z.output<typeof subscriberEntry>;

/** RFC 7396: what is absent stays, null takes away. */
export const subscriberPatch = z
  .strictObject({
    status: subscriberStatus,
    email,
    name: name.unwrap().nullable(),
    source: source.unwrap().nullable(),
    locale: locale.unwrap().nullable(),
    consent: consent.unwrap().openapi({
      description: "Only taken when the status becomes ACTIVE: what was agreed to this time.",
    }),
  })
  .partial()
  .openapi("SubscriberPatch", { example: { name: "Ada King", locale: "en-GB" } });
export type SubscriberPatch = z.output<typeof subscriberPatch>;

export const subscriberActivity = z
  .object({
    id,
    subscriberId: id,
    kind: z.enum(SUBSCRIBER_ACTIVITY_KINDS).openapi({ example: "join" }),
    actor: z.string().nullable().openapi({
      description: "A token's subject; null for the subscriber.",
      example: null,
    }),
    changes: z
      .record(z.string(), z.object({ before: z.unknown(), after: z.unknown() }))
      .optional()
      .openapi({ example: { name: { before: "Ada Byron", after: "Ada King" } } }),
    source: z.string().optional().openapi({ description: "Of `join`.", example: "footer" }),
    locale: z.string().optional().openapi({ description: "Of `join`.", example: "en-GB" }),
    consent: subscriber.shape.consent.unwrap().optional().openapi({
      description: "Of `join`: what was agreed to that time.",
    }),
    createdAt: instant,
  })
  .openapi("SubscriberActivity");
export type SubscriberActivityEntry = z.output<typeof subscriberActivity>;

export const subscriberActivityPage = pageOf(subscriberActivity).openapi("SubscriberActivityPage");
