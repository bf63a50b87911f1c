import { z } from "@hono/zod-openapi";
import { isSnowflake } from "../db/snowflake.ts";

/** What means the same in every resource. */

export const id = z
  .string()
  .openapi({ description: "Snowflake id, decimal.", example: "249870643200008192" });

export const idParam = z.object({
  id: id.refine(isSnowflake).openapi({ param: { name: "id", in: "path" } }),
});

export const instant = z.iso.datetime().openapi({ example: "2026-11-22T09:30:00.000Z" });

export const languageTag = z
  .string()
  .regex(/^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/, "must be a BCP 47 language tag")
  .max(35)
  .openapi({ example: "en-GB" });
