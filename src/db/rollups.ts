import { sql } from "drizzle-orm";
import type { Database } from "./client.ts";
import { coverByGrains, SERIES_GRAINS, type Stretch, TOTAL_GRAINS } from "./time-buckets.ts";

/** One sum: of `measure` by `key`, in the stretch number `bucket`. */
export interface RollupSum {
  readonly measure: string;
  readonly bucket: number;
  readonly key: string;
  readonly n: number;
}

/** The `bucket` of what is counted of the present. */
export const NOW = -1;

/** How many there are now, by key. One row a key is read, however many are counted. */
export async function countByKey(db: Database, measure: string): Promise<Map<string, number>> {
  const { rows } = await db.execute<{ key: string; n: string }>(
    sql`SELECT key, sum(n) AS n FROM (${countsOf([measure])}) AS counts GROUP BY key`,
  );
  return new Map(rows.map(({ key, n }) => [key, Number(n)]));
}

/** The same for rows that have a status; a status that nothing has counts 0. */
export async function countByStatus<Status extends string>(
  db: Database,
  measure: string,
  statuses: readonly Status[],
): Promise<Record<Status, number>> {
  const byKey = await countByKey(db, measure);
  const counts = statuses.map((status) => [status, byKey.get(status) ?? 0] as const);
  return Object.fromEntries(counts) as Record<Status, number>;
}

/**
 * Sums over time, in one statement and thus of one moment.
 * @param options.series measures to sum for each of `buckets`
 * @param options.totals measures to sum over all of them, `bucket` 0; the grains that the function
 *   `rollup_grains` gives a measure decide which of both it is for
 * @param options.now measures to count as of now, `bucket` `NOW`
 * @param options.buckets adjoining stretches, of whole quarters of an hour
 */
export async function sumOverTime(
  db: Database,
  options: {
    series: readonly string[];
    totals: readonly string[];
    now?: readonly string[];
    buckets: readonly Stretch[];
  },
): Promise<RollupSum[]> {
  const { series, totals, now = [], buckets } = options;
  const whole = { start: buckets.at(0)?.start ?? 0, end: buckets.at(-1)?.end ?? 0 };
  const statement = sql`
    SELECT measure, bucket, key, sum(n) AS n FROM (
      ${sumsOf(series, buckets, SERIES_GRAINS)} UNION ALL ${sumsOf(totals, [whole], TOTAL_GRAINS)}
      UNION ALL ${countsOf(now)}
    ) AS sums
    GROUP BY measure, bucket, key
    HAVING sum(n) <> 0`;
  // The planner guesses far too many rows, and would spend a second on compiling the statement.
  const [, { rows }] = await db.batch([
    db.execute(sql`SET LOCAL jit = off`),
    db.execute<Record<keyof RollupSum, string>>(statement),
  ]);
  return rows.map(({ measure, bucket, key, n }) => ({
    measure,
    bucket: Number(bucket),
    key,
    n: Number(n),
  }));
}

/** Counts of all time are read where there are some, so only for measures that have the grain 0. */
function countsOf(measures: readonly string[]) {
  // NULL is in no list, and keeps the empty one valid.
  const wanted = sql`(${sql.join([sql`NULL`, ...measures.map((measure) => sql`${measure}`)], sql`, `)})`;
  return sql`
    SELECT measure, ${NOW}::int AS bucket, key, n FROM rollups
    WHERE measure IN ${wanted} AND grain = 0
    UNION ALL
    SELECT measure, ${NOW}::int, key, n FROM rollup_deltas WHERE measure IN ${wanted}`;
}

function sumsOf(
  measures: readonly string[],
  stretches: readonly Stretch[],
  grains: readonly number[],
) {
  const wanted = JSON.stringify(measures);
  const covers = JSON.stringify(coverByGrains(stretches, grains).map(inSeconds));
  const wholes = JSON.stringify(
    stretches.map((stretch, index) => inSeconds({ ...stretch, index })),
  );
  // OFFSET 0 keeps the planner from joining otherwise than by the primary key (measure, grain, slot):
  // it takes a list out of JSON for a hundred rows, and would read all of the rollups.
  return sql`
    SELECT r.measure, c.index AS bucket, r.key, r.n
    FROM jsonb_to_recordset(${covers}::jsonb) AS c(index int, grain int, start float8, "end" float8),
      jsonb_array_elements_text(${wanted}::jsonb) AS m(measure),
      LATERAL (
        SELECT measure, key, n FROM rollups
        WHERE measure = m.measure AND grain = c.grain::smallint
          AND slot >= to_timestamp(c.start) AND slot < to_timestamp(c."end")
        OFFSET 0
      ) AS r
    UNION ALL
    SELECT d.measure, w.index, d.key, d.n
    FROM rollup_deltas AS d
      JOIN jsonb_array_elements_text(${wanted}::jsonb) AS m(measure) ON m.measure = d.measure
      JOIN jsonb_to_recordset(${wholes}::jsonb) AS w(index int, start float8, "end" float8)
        ON d.slot >= to_timestamp(w.start) AND d.slot < to_timestamp(w."end")`;
}

function inSeconds<T extends Stretch>(stretch: T): T {
  return { ...stretch, start: stretch.start / 1000, end: stretch.end / 1000 };
}

/** Keys of a logarithmic histogram: key k holds values from `2^(k/4) - 1` up to `2^((k+1)/4) - 1`. */
const KEYS_PER_DOUBLING = 4;

/**
 * The value below which a share of all lie, from a histogram with logarithmic keys; exact to the width
 * of a key, 19 percent. `undefined` when nothing was counted.
 * @param share 0.5 for the median
 */
export function quantile(
  histogram: ReadonlyMap<number, number>,
  share: number,
): number | undefined {
  const keys = [...histogram.keys()].sort((a, b) => a - b);
  const rank = share * histogram.values().reduce((sum, n) => sum + n, 0);
  let below = 0;
  for (const key of keys) {
    const n = histogram.get(key) ?? 0;
    if (n > 0 && below + n >= rank) {
      return 2 ** ((key + (rank - below) / n) / KEYS_PER_DOUBLING) - 1;
    }
    below += n;
  }
  return undefined;
}
