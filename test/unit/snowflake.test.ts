import { sql } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import {
  isSnowflake,
  mintSnowflake,
  readSnowflake,
  SNOWFLAKE_EPOCH,
} from "../../src/db/snowflake.ts";
import { database } from "../support/worker/app.ts";

describe("a Snowflake id", () => {
  it.each(["1", "9007199254740993", "9223372036854775807"])("may be %s", (id) => {
    expect(isSnowflake(id)).toBe(true);
  });

  it.each([
    "",
    "0",
    "01",
    "-1",
    "+1",
    " 1",
    "1\n",
    "1.0",
    "1e3",
    "0x1",
    "１",
    "9223372036854775808",
    "10000000000000000000",
  ])("may not be %j", (id) => {
    expect(isSnowflake(id)).toBe(false);
  });

  it("is read into time, node and sequence", () => {
    const id = (1_234_567n << 22n) | (1023n << 12n) | 4095n;
    expect(readSnowflake(String(id))).toEqual({
      time: new Date(SNOWFLAKE_EPOCH + 1_234_567),
      node: 1023,
      sequence: 4095,
    });
    expect(SNOWFLAKE_EPOCH).toBe(Date.parse("2025-01-01T00:00:00Z"));
  });

  it("is minted by the database: ours in node, now in time, never the same", async () => {
    const before = Date.now();
    const { rows } = await database().execute<{ id: string }>(
      sql`SELECT ${mintSnowflake(77)}::text AS id FROM generate_series(1, 4096)`,
    );
    const ids = rows.map(({ id }) => id);
    expect(new Set(ids).size).toBe(4096);
    expect(ids.every(isSnowflake)).toBe(true);
    const parts = ids.map(readSnowflake);
    expect(new Set(parts.map(({ node }) => node))).toEqual(new Set([77]));
    // A number is passed over whenever the millisecond turns between the steps.
    expect(new Set(parts.map(({ sequence }) => sequence)).size).toBeGreaterThan(3_500);
    for (const { time } of parts) {
      expect(Math.abs(time.getTime() - before)).toBeLessThan(60_000);
    }
  });
});
