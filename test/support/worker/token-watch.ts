import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { sql } from "drizzle-orm";
import { afterAll, expect } from "vitest";
import { subscribers } from "../../../src/db/schema.ts";
import { ROOMS } from "../../../src/rooms/protocol.ts";
import { database } from "./app.ts";
import { noteLeak, saidByWorker } from "./said.ts";

/**
 * Reads everything that the Worker says while a file's tests run (answers, frames, events, log lines) and
 * fails the file in which an unsubscribe token of the database was said, signed or not: a signed token
 * begins with its number, so the number is what is looked for. The one route that may is in `said.ts`.
 */
afterAll(async () => {
  for (const room of ROOMS) {
    await runInDurableObject(env.ROOMS.getByName(room), (_, { storage }) => {
      const rows = storage.sql.exec("SELECT data, coalesce(masked, '') AS masked FROM log");
      for (const row of rows) noteLeak(`event in ${room}`, `${row["data"]} ${row["masked"]}`);
    });
  }
  expect(await findTokens(saidByWorker()), "unsubscribe tokens that were told").toEqual([]);
});

/** @param said number → where it was said. @returns where tokens of the database were said */
export async function findTokens(said: ReadonlyMap<string, string>): Promise<string[]> {
  if (said.size === 0) return [];
  const numbers = `{${[...said.keys()].join()}}`;
  const found = await database()
    .select({ token: subscribers.unsubscribeToken })
    .from(subscribers)
    .where(sql`${subscribers.unsubscribeToken} = any(${numbers}::bigint[])`);
  return found.map(({ token }) => `${said.get(token)}: ${token}`);
}
