import type { Caller } from "./logger.ts";
import type { Batch, Sample } from "./metrics.ts";
import type { MetricsHub } from "./metrics-hub.ts";

/**
 * An object takes some hundred writing calls a second, an isolate sends one every 5 s: four shards
 * are good for several thousand busy isolates. Fewer shards make a cheaper scrape.
 */
const SHARDS = 4;

type Hubs = DurableObjectNamespace<MetricsHub>;

function shardNames(): string[] {
  return Array.from({ length: SHARDS }, (_, index) => `metrics-${index}`);
}

/** The shard of an isolate, by its id, which begins with eight random hexadecimal digits. */
export function shardOf(source: string): string {
  return `metrics-${Number.parseInt(source.slice(0, 8), 16) % SHARDS}`;
}

export async function sendBatch(hubs: Hubs, batch: Batch, from: Caller): Promise<void> {
  await hubs.getByName(shardOf(batch.source)).add(batch, from);
}

/** Reads every shard at once. @throws when one does not answer: a sum without it would go backwards */
export async function readTotals(hubs: Hubs, from: Caller): Promise<Sample[]> {
  const shards = await Promise.all(shardNames().map((name) => hubs.getByName(name).totals(from)));
  // The types of RPC forget that a tuple has a length.
  return shards.flat() as unknown as Sample[];
}

/** @throws when a shard does not answer */
export async function pingHubs(hubs: Hubs, from: Caller): Promise<void> {
  await Promise.all(shardNames().map((name) => hubs.getByName(name).ping(from)));
}
