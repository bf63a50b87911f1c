import { countByStatus, quantile, type RollupSum, sumOverTime } from "../db/rollups.ts";
import { INQUIRY_STATUSES, type InquiryStatus } from "../db/schema.ts";
import type { Stretch } from "../db/time-buckets.ts";
import type { Deps } from "../deps.ts";
import { bucketsOf, type StatisticsQuery, timesOf } from "../http/statistics-query.ts";
import type { InquiryCounts, InquiryStatistics } from "./statistics-schema.ts";

/** How many inquiries have each status now. */
export async function countInquiries(deps: Pick<Deps, "db">): Promise<InquiryCounts> {
  const counts = await countByStatus(deps.db, "inquiry.status", INQUIRY_STATUSES);
  return { counts, total: sum(Object.values(counts)) };
}

const TOP_SOURCES = 10;

/** @throws {Problem} `validation_failed` for a period that ends before it begins or has too many buckets */
export async function inquiryStatistics(
  deps: Pick<Deps, "db" | "now">,
  query: StatisticsQuery,
): Promise<InquiryStatistics> {
  const { period, buckets } = bucketsOf(query, deps.now());
  const sums = await sumOverTime(deps.db, {
    series: ["inquiry.status", "inquiry.spam"],
    totals: ["inquiry.source", "inquiry.handling"],
    buckets,
  });
  const byMeasure = Map.groupBy(sums, ({ measure }) => measure);
  const series = seriesOf(buckets, byMeasure);
  const handling = new Map(
    byMeasure.get("inquiry.handling")?.map(({ key, n }) => [Number(key), n]) ?? [],
  );
  const sources = (byMeasure.get("inquiry.source") ?? []).toSorted(
    (a, b) => b.n - a.n || (a.key < b.key ? -1 : 1),
  );
  return {
    ...period,
    totals: {
      submitted: sum(series.map(({ submitted }) => submitted)),
      accepted: sum(series.map(({ accepted }) => accepted)),
      spam: sum(series.map(({ spam }) => spam)),
      counts: Object.fromEntries(
        INQUIRY_STATUSES.map((status) => [status, sum(series.map(({ counts }) => counts[status]))]),
      ) as Record<InquiryStatus, number>,
    },
    series,
    sources: sources
      .slice(0, TOP_SOURCES)
      .map(({ key, n }) => ({ source: key === "" ? null : key, count: n })),
    firstHandling: {
      handled: sum([...handling.values()]),
      medianSeconds: seconds(quantile(handling, 0.5)),
      p90Seconds: seconds(quantile(handling, 0.9)),
    },
  };
}

function seriesOf(buckets: readonly Stretch[], byMeasure: ReadonlyMap<string, RollupSum[]>) {
  const perBucket = (measure: string) =>
    Map.groupBy(byMeasure.get(measure) ?? [], ({ bucket }) => bucket);
  const statuses = perBucket("inquiry.status");
  const spams = perBucket("inquiry.spam");
  return buckets.map((bucket, index) => {
    const counts = countsOf(new Map(statuses.get(index)?.map(({ key, n }) => [key, n])));
    const submitted = sum(Object.values(counts));
    const spam = sum(spams.get(index)?.map(({ n }) => n) ?? []);
    return {
      ...timesOf(bucket),
      submitted,
      accepted: submitted - spam,
      spam,
      counts,
    };
  });
}

function countsOf(byKey: ReadonlyMap<string, number>): Record<InquiryStatus, number> {
  return {
    NEW: byKey.get("NEW") ?? 0,
    IN_PROGRESS: byKey.get("IN_PROGRESS") ?? 0,
    RESOLVED: byKey.get("RESOLVED") ?? 0,
    CANCELLED: byKey.get("CANCELLED") ?? 0,
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0);
}

/** To a tenth of a second: more digits would claim more than the histogram knows. */
function seconds(value: number | undefined): number | null {
  return value === undefined ? null : Math.round(value * 10) / 10;
}
