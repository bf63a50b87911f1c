import { z } from "@hono/zod-openapi";
import type { Signer } from "../auth/signing.ts";
import { isSnowflake } from "../db/snowflake.ts";
import { Problem } from "./problem.ts";

/** Query parameters of every list. */
export const pageQuery = z.object({
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(200)
    .default(50)
    .openapi({ description: "How many rows a page holds.", example: 50 }),
  cursor: z.string().optional().openapi({
    description: "`nextCursor` of the page before. Opaque, and bound to the same filters.",
    example: "NzQwMjE4.q3vY0iLxkQ",
  }),
});

/** `{data, nextCursor}`; `nextCursor` is null on the last page. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({
    data: z.array(item),
    nextCursor: z.string().nullable().openapi({ example: "NzQwMjE4.q3vY0iLxkQ" }),
  });
}

/**
 * One page of a list, and the cursor of the next.
 * @param filters everything that decides which rows the list holds, in a stable form
 * @param load the rows beyond an id, at most `limit`
 * @throws {Problem} `invalid_cursor`
 */
export async function pageByCursor<T extends { readonly id: string }>(
  signer: Signer,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
  filters: string,
  load: (after: string | undefined, limit: number) => Promise<T[]>,
): Promise<{ data: T[]; nextCursor: string | null }> {
  const after = cursor === undefined ? undefined : await decodeCursor(signer, cursor, filters);
  // One more than is shown tells whether there is a next page.
  const rows = await load(after, limit + 1);
  const data = rows.slice(0, limit);
  const last = data.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { data, nextCursor: more ? await encodeCursor(signer, last.id, filters) : null };
}

/**
 * A cursor is the last id of a page with a signature over that id and the filters, so that it can be
 * neither forged nor carried to another list.
 * @param filters everything that decides which rows a list holds, in a stable form
 */
export async function encodeCursor(signer: Signer, id: string, filters: string): Promise<string> {
  return `${btoa(id).replace(/=+$/, "")}.${await signer.sign("cursor", `${id}\n${filters}`)}`;
}

/** @throws {Problem} `invalid_cursor` */
export async function decodeCursor(
  signer: Signer,
  cursor: string,
  filters: string,
): Promise<string> {
  const [, encoded = "", signature = ""] =
    cursor.match(/^([A-Za-z0-9+/]{1,28})\.([\w-]{43})$/) ?? [];
  const id = decodeId(encoded);
  if (id !== undefined && (await signer.verify("cursor", `${id}\n${filters}`, signature)))
    return id;
  throw new Problem("invalid_cursor");
}

function decodeId(encoded: string): string | undefined {
  try {
    const id = atob(encoded);
    return isSnowflake(id) ? id : undefined;
  } catch {
    return undefined;
  }
}
