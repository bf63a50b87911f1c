import { z } from "@hono/zod-openapi";
import { depsOf } from "../http/middleware/request-deps.ts";
import { json } from "../http/openapi.ts";
import { createRouter, operation } from "../http/router.ts";
import { checkReadiness } from "./service.ts";

const part = z.object({
  state: z
    .enum(["up", "degraded", "down"])
    .openapi({ description: "`degraded`: it works, and somebody should look at it." }),
  milliseconds: z.number(),
  detail: z
    .string()
    .optional()
    .openapi({ description: "Which variables, migrations or rooms, or which kind of failure." }),
  depth: z.int().optional().openapi({ description: "Spool: writes that wait for Postgres." }),
  oldestSeconds: z.int().optional().openapi({ description: "Spool: age of the oldest of them." }),
  setAside: z.int().optional().openapi({ description: "Spool: writes that Postgres refuses." }),
});

const readiness = z
  .object({
    status: z.enum(["ready", "degraded", "unavailable"]),
    parts: z.record(z.string(), part),
  })
  .openapi("Readiness", {
    example: { status: "ready", parts: { postgres: { state: "up", milliseconds: 3 } } },
  });

const healthz = operation(
  {
    method: "get",
    path: "/healthz",
    operationId: "healthz",
    tags: ["Operations"],
    summary: "Alive",
    description: "Touches nothing.",
    responses: { 200: json(z.object({ status: z.literal("alive") }), "Alive.") },
  },
  (c) => c.json({ status: "alive" as const }, 200),
);

const readyz = operation(
  {
    method: "get",
    path: "/readyz",
    operationId: "readyz",
    tags: ["Operations"],
    summary: "Able to do its work",
    description:
      "Asks every part at once, each for at most a second; an isolate asks at most twice a second. `degraded` names what somebody should look at, while writes are still made durable.",
    responses: {
      200: json(readiness, "Writes are made durable."),
      503: json(readiness, "Writes cannot be made durable; the parts that are down are named."),
    },
  },
  async (c) => {
    const { status, parts } = await checkReadiness(() => depsOf(c));
    return c.json({ status, parts }, status === "unavailable" ? 503 : 200);
  },
);

export const healthRoutes = createRouter().openapiRoutes([healthz, readyz] as const);
