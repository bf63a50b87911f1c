import { z } from "@hono/zod-openapi";
import { json, problems } from "../http/openapi.ts";
import { createRouter, operation } from "../http/router.ts";
import { MAXIMUM_AGE_SECONDS, MINIMUM_FILL_SECONDS, makeStamp } from "./spam-stamp.ts";

const formStamp = z
  .object({
    stamp: z.string().openapi({
      description: "Put it into the form's hidden field `_stamp`.",
      example: "mhw3k2p0.mB3s0kQ9xYw1f3dWcXk2mJv8pTn6uRz4aLhEoIyKbGg",
    }),
    minimumFillSeconds: z
      .int()
      .openapi({ description: "Sent back sooner, it counts as filled in by a program." }),
    expiresAt: z.iso.datetime().openapi({ example: "2026-11-29T09:30:00.000Z" }),
    turnstileSiteKey: z
      .string()
      .nullable()
      .openapi({ description: "For the Turnstile widget, where one is asked for." }),
  })
  .openapi("FormStamp");

const stamp = operation(
  {
    method: "get",
    path: "/forms/stamp",
    operationId: "getFormStamp",
    tags: ["Public"],
    summary: "A stamp for a form that is being shown",
    description:
      "Optional: a form without a stamp is accepted. A page made by a server fetches one for each visitor; a static page by script. Never put one into a page that is cached for longer than the stamp is good for.",
    responses: {
      200: json(formStamp, "A fresh stamp.", {
        "Cache-Control": { schema: { type: "string" }, description: "`no-store`." },
      }),
      ...problems("not_acceptable"),
    },
  },
  async (c) => {
    const { signer, config, now } = c.var.deps;
    const shownAt = now();
    c.header("cache-control", "no-store");
    return c.json(
      {
        stamp: await makeStamp(signer, shownAt),
        minimumFillSeconds: MINIMUM_FILL_SECONDS,
        expiresAt: new Date(shownAt.getTime() + MAXIMUM_AGE_SECONDS * 1000).toISOString(),
        turnstileSiteKey: config.turnstileSiteKey ?? null,
      },
      200,
    );
  },
);

export const formRoutes = createRouter().openapiRoutes([stamp] as const);
