/**
 * How many `Spool` objects share the work. May grow, because a row is replayed by the object it is
 * in; must not shrink, because rows in an object that nobody asks any more are not seen.
 */
const SHARDS = 4;

/** Names of the objects that hold rows. */
export const SHARD_NAMES: readonly string[] = Array.from({ length: SHARDS }, (_, n) => String(n));

/** The object that puts together what the shards know about the database; holds no rows. */
export const OUTAGE_WATCH = "outages";

/** Which shard a write belongs to. FNV-1a, because it has to be even, not secret. */
export function shardOf(order: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < order.length; index += 1) {
    hash = Math.imul(hash ^ order.charCodeAt(index), 0x01000193);
  }
  // Multiplication moves bits upwards only: fold the high ones down.
  return String(((hash ^ (hash >>> 16)) >>> 0) % SHARDS);
}
