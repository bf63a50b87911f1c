import { countByKey, sumOverTime } from "../src/db/rollups.ts";
import { smallestSnowflakeAt } from "../src/db/snowflake.ts";
import { cutIntoBuckets } from "../src/db/time-buckets.ts";
import { listInquiries, type Selection } from "../src/inquiries/list.ts";
import { FIRST, type FilledDatabase, LAST } from "./desk-rows.ts";

/** One measured quantity: a value a run. */
export interface Row {
  readonly what: string;
  readonly unit: string;
  readonly runs: readonly number[];
  readonly target?: { readonly atMost: number };
}

const RUNS = 5;
const CALLS = 40;

type Call = () => Promise<unknown>;

/** Counts and statistics: many rows against few. */
export async function compareStatistics(
  large: FilledDatabase,
  small: FilledDatabase,
): Promise<Row[]> {
  const times = `${large.rows} : ${small.rows} rows`;
  const statistics = (bucket: "day" | "month", days: number, zone: string) => {
    const stretch = { start: LAST - days * 24 * 60 * 60_000, end: LAST };
    const buckets = cutIntoBuckets(stretch, bucket, zone, 1_000) ?? [];
    const series = ["inquiry.status", "inquiry.spam"];
    const totals = ["inquiry.source", "inquiry.handling"];
    return ({ db }: FilledDatabase) => sumOverTime(db, { series, totals, buckets });
  };
  const measured: [string, (of: FilledDatabase) => Promise<unknown>][] = [
    ["count", ({ db }) => countByKey(db, "inquiry.status")],
    ["statistics of 30 days, Berlin", statistics("day", 30, "Europe/Berlin")],
    ["statistics of 30 days, Kathmandu", statistics("day", 30, "Asia/Kathmandu")],
    ["statistics of a year by month", statistics("month", 365, "America/New_York")],
  ];
  const rows: Row[] = [];
  for (const [what, call] of measured) {
    rows.push(
      ...(await ratio(
        `${what}, ${times}`,
        () => call(large),
        () => call(small),
        1.5,
      )),
    );
  }
  return rows;
}

const EVERYTHING: Selection = {
  deleted: false,
  order: "newest",
  searchesContacts: true,
};

/** The list nine tenths of the way down against its first page. */
export async function compareDepth({ db, rows }: FilledDatabase): Promise<Row[]> {
  const after = smallestSnowflakeAt(new Date(LAST - 0.9 * (LAST - FIRST)));
  const page = (selection: Selection, from?: string) => () =>
    listInquiries(db, selection, { after: from, limit: 51 });
  const selections: [string, Selection][] = [
    ["all", EVERYTHING],
    ["NEW and IN_PROGRESS", { ...EVERYTHING, status: ["NEW", "IN_PROGRESS"] }],
    ["one source", { ...EVERYTHING, source: "page-3" }],
  ];
  const found: Row[] = [];
  for (const [what, selection] of selections) {
    const name = `list of ${what}, depth ${0.9 * rows} : first page`;
    found.push(...(await ratio(name, page(selection, after), page(selection), 1.2)));
  }
  return found;
}

/** Searches, and the plan of one. */
export async function searches({ db, client, rows }: FilledDatabase) {
  const found: Row[] = [];
  const nth = String(Math.floor(rows / 3));
  for (const q of [`person.${nth}@`, `order ${nth}`, "harbour violet saddle", "zz"]) {
    const search = () => listInquiries(db, { ...EVERYTHING, q }, { after: undefined, limit: 51 });
    await search();
    found.push({ what: `search for "${q}"`, unit: "ms", runs: await timesOf(search, 5) });
  }
  const { rows: plan } = await client.query(
    `EXPLAIN SELECT * FROM inquiries WHERE deleted_at IS NULL AND (' ' || name || ' ' ||
      coalesce(email, '') || ' ' || coalesce(subject, '') || ' ' || translate(message, E'\\n\\t', '  '))
      ILIKE '%person.${nth}@%' ORDER BY id DESC LIMIT 51`,
  );
  return { rows: found, plan: plan.map((line) => line["QUERY PLAN"]).join("\n") };
}

/** Alternating runs of both; the ratio of their medians, and both. */
async function ratio(what: string, ours: Call, other: Call, atMost: number): Promise<Row[]> {
  await ours();
  await other();
  const a: number[] = [];
  const b: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    a.push(median(await timesOf(ours, CALLS)));
    b.push(median(await timesOf(other, CALLS)));
  }
  const ratios = a.map((value, index) => value / (b[index] ?? Number.NaN));
  const [left, right] = what.split(", ").at(-1)?.split(" : ") ?? [];
  return [
    { what, unit: "", runs: ratios, target: { atMost } },
    { what: `… ${left}`, unit: "ms", runs: a },
    { what: `… ${right}`, unit: "ms", runs: b },
  ];
}

async function timesOf(call: Call, times: number): Promise<number[]> {
  const found: number[] = [];
  for (let n = 0; n < times; n += 1) {
    const start = performance.now();
    await call();
    found.push(performance.now() - start);
  }
  return found;
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
