import { z } from "@hono/zod-openapi";

const described = {
  type: "string",
  description: "From a link in a mail: a number and its signature.",
  example: "249870643200008192.mB3s0kQ9xYw1f3dWcXk2mJv8pTn6uRz4aLhEoIyKbGg",
} as const;

/** In the address. Whatever is wrong with it is wrong in the same way: it is never refused as a value. */
export const tokenQuery = z.object({ token: z.string().catch("").openapi(described) });

/** As a program sends it. */
export const unsubscription = z
  .object({ token: z.string().openapi(described) })
  .openapi("Unsubscription");

/** As a mailbox provider or our own page sends it, with the token in the address. */
export const oneClick = z
  .object({ "List-Unsubscribe": z.literal("One-Click") })
  .openapi("OneClickUnsubscription");

export const unsubscribed = z.object({ status: z.literal("UNSUBSCRIBED") }).openapi("Unsubscribed");

export const unsubscribeQueued = z
  .object({ status: z.literal("QUEUED") })
  .openapi("UnsubscribeQueued");
