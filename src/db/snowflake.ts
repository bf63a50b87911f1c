import { type Placeholder, type SQL, sql } from "drizzle-orm";

/** Milliseconds of 2025-01-01T00:00:00Z, the zero of our ids. */
export const SNOWFLAKE_EPOCH = 1_735_689_600_000;

const MAX_SNOWFLAKE = 2n ** 63n - 1n;

/** The SQL expression that mints an id inside an INSERT. An isolate never mints one (ADR-0002). */
export function mintSnowflake(nodeId: number | Placeholder): SQL<string> {
  return sql<string>`snowflake(${nodeId})`;
}

/** Whether `text` is a decimal id that fits 63 bits, without sign or leading zeros. */
export function isSnowflake(text: string): boolean {
  return /^[1-9]\d{0,18}$/.test(text) && BigInt(text) <= MAX_SNOWFLAKE;
}

/** The parts of an id: 41 bits of time, 10 of node, 12 of sequence. */
export function readSnowflake(id: string): { time: Date; node: number; sequence: number } {
  const bits = BigInt(id);
  return {
    time: new Date(Number(bits >> 22n) + SNOWFLAKE_EPOCH),
    node: Number((bits >> 12n) & 0x3ffn),
    sequence: Number(bits & 0xfffn),
  };
}

/** The SQL expression of the smallest id that could be minted so long ago, by the database's clock. */
export function smallestSnowflakeAgo(milliseconds: number): SQL<string> {
  const sinceEpoch = sql`floor(extract(epoch FROM now()) * 1000)::bigint - ${SNOWFLAKE_EPOCH}::bigint`;
  return sql<string>`(greatest(${sinceEpoch} - ${milliseconds}::bigint, 0) << 22)`;
}

/** The smallest id that can be minted at `time`, of any node; 1 for times before the first. */
export function smallestSnowflakeAt(time: Date): string {
  const milliseconds = BigInt(Math.floor(time.getTime() - SNOWFLAKE_EPOCH));
  const id = milliseconds << 22n;
  if (id < 1n) return "1";
  return String(id > MAX_SNOWFLAKE ? MAX_SNOWFLAKE : id);
}
