import { z } from "@hono/zod-openapi";
import { instant } from "../http/values.ts";
import { SHARD_NAMES } from "./shards.ts";

const id = z.string().openapi({ description: "Shard and number of the row.", example: "2-1041" });

/** A write that was accepted and that Postgres refuses, as an OWNER sees it. */
export const setAsideWrite = z
  .object({
    id,
    command: z.string().openapi({ example: "inquiry.submit" }),
    version: z.int().openapi({ description: "Of the payload's form." }),
    receipt: z.string().openapi({ description: "What the visitor was given." }),
    reason: z.string().openapi({
      description:
        "`sqlstate_…`: what Postgres says. `conflict`: its key stands for other content. `unreadable`: the payload does not fit its version.",
      example: "sqlstate_23514",
    }),
    acceptedAt: instant,
    setAsideAt: instant,
    payload: z.record(z.string(), z.unknown()).openapi({ description: "What is to be stored." }),
  })
  .openapi("SetAsideWrite");

export const setAsideList = z.object({ data: z.array(setAsideWrite) }).openapi("SetAsideList");

export const setAsideListQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50).openapi({ example: 50 }),
});

export const setAsideParam = z.object({
  id: id
    .regex(/^\d{1,3}-\d{1,15}$/)
    .refine((value) => SHARD_NAMES.includes(value.split("-")[0] ?? ""))
    .openapi({ param: { name: "id", in: "path" } }),
});
