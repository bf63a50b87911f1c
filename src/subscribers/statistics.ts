import { countByStatus, NOW, sumOverTime } from "../db/rollups.ts";
import { SUBSCRIBER_STATUSES } from "../db/schema.ts";
import type { Deps } from "../deps.ts";
import { bucketsOf, type StatisticsQuery, timesOf } from "../http/statistics-query.ts";
import type { SubscriberCounts, SubscriberStatistics } from "./statistics-schema.ts";

/** How many subscribers that are not in the bin have each status now. */
export async function countSubscribers(deps: Pick<Deps, "db">): Promise<SubscriberCounts> {
  const counts = await countByStatus(deps.db, "subscriber.status", SUBSCRIBER_STATUSES);
  return { counts, total: counts.ACTIVE + counts.UNSUBSCRIBED };
}

/** Later than any movement. */
const FOREVER = Date.UTC(10_000, 0, 1);

/**
 * Who joined and left, and how many there were. Nobody keeps how many there were: that is how many there
 * are now, less all movements since.
 * @throws {Problem} `validation_failed` for a period that ends before it begins or has too many buckets
 */
export async function subscriberStatistics(
  deps: Pick<Deps, "db" | "now">,
  query: StatisticsQuery,
): Promise<SubscriberStatistics> {
  const { period, buckets } = bucketsOf(query, deps.now());
  const end = buckets.at(-1)?.end ?? 0;
  const since = end < FOREVER ? [{ start: end, end: FOREVER }] : [];
  const sums = await sumOverTime(deps.db, {
    series: ["subscriber.movement"],
    totals: [],
    now: ["subscriber.status"],
    buckets: [...buckets, ...since],
  });
  const byPlace = new Map(sums.map(({ bucket, key, n }) => [`${bucket} ${key}`, n]));
  const sumOf = (bucket: number, key: string) => byPlace.get(`${bucket} ${key}`) ?? 0;
  const movementsOf = (bucket: number) => {
    const [joined, left] = [sumOf(bucket, "joined"), sumOf(bucket, "left")];
    const removed = sumOf(bucket, "removed") - sumOf(bucket, "restored");
    return { joined, left, removed, net: joined - left - removed };
  };
  let active = sumOf(NOW, "ACTIVE") - (since.length > 0 ? movementsOf(buckets.length).net : 0);
  const series = buckets
    .map((bucket, index) => ({ ...timesOf(bucket), ...movementsOf(index) }))
    .toReversed()
    .map((entry) => {
      const atItsEnd = { ...entry, active };
      active -= entry.net;
      return atItsEnd;
    })
    .toReversed();
  const total = (name: "joined" | "left" | "removed" | "net") =>
    series.reduce((sum, entry) => sum + entry[name], 0);
  return {
    ...period,
    totals: {
      joined: total("joined"),
      left: total("left"),
      removed: total("removed"),
      net: total("net"),
      active: series.at(-1)?.active ?? active,
    },
    series,
  };
}
