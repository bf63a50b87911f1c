import { countByKey, sumOverTime } from "../src/db/rollups.ts";
import { smallestSnowflakeAt } from "../src/db/snowflake.ts";
import { cutIntoBuckets } from "../src/db/time-buckets.ts";
import { listInquiries, type Selection } from "../src/inquiries/list.ts";
import { FIRST, type FilledDatabase, LAST } from "./desk-rows.ts";
import { inTurn, median, type Row, RUNS, ratios } from "./figure.ts";

const CALLS = 40;

type Call = () => Promise<unknown>;

const DAY = 24 * 60 * 60_000;

/** What the statistics are asked for, and where the few rows they are compared with lie. */
export const MONTH = LAST - 30 * DAY;
export const YEAR = LAST - 365 * DAY;

/**
 * Counts and statistics: many rows against few. The few all lie in the period that is asked for: what
 * is compared is the size of the table, not an empty period with a full one.
 */
export async function compareStatistics(
  large: FilledDatabase,
  small: { month: FilledDatabase; year: FilledDatabase },
): Promise<Row[]> {
  const times = `${large.rows} : ${small.month.rows} rows`;
  const statistics = (bucket: "day" | "month", start: number, zone: string) => {
    const buckets = cutIntoBuckets({ start, end: LAST }, bucket, zone, 1_000) ?? [];
    const series = ["inquiry.status", "inquiry.spam"];
    const totals = ["inquiry.source", "inquiry.handling"];
    return ({ db }: FilledDatabase) => sumOverTime(db, { series, totals, buckets });
  };
  const { month, year } = small;
  const measured: [string, FilledDatabase, (of: FilledDatabase) => Promise<unknown>][] = [
    ["count", month, ({ db }) => countByKey(db, "inquiry.status")],
    ["statistics of 30 days (Berlin)", month, statistics("day", MONTH, "Europe/Berlin")],
    ["statistics of 30 days (Kathmandu)", month, statistics("day", MONTH, "Asia/Kathmandu")],
    ["statistics of a year by month", year, statistics("month", YEAR, "America/New_York")],
  ];
  const rows: Row[] = [];
  for (const [what, few, call] of measured) {
    rows.push(
      ...(await ratio(
        `${what}, ${times}`,
        () => call(large),
        () => call(few),
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

/** How long searches take, of something rare, something frequent, and something too short for an index. */
export async function searches({ db, client, rows }: FilledDatabase): Promise<Row[]> {
  const found: Row[] = [];
  const nth = String(Math.floor(rows / 3));
  for (const q of [`person.${nth}@`, `order ${nth}`, "harbour violet saddle", "zz"]) {
    const search = () => listInquiries(db, { ...EVERYTHING, q }, { after: undefined, limit: 51 });
    await search();
    const { rows: plan } = await client.query<{ "QUERY PLAN": string }>(
      `EXPLAIN SELECT * FROM inquiries WHERE deleted_at IS NULL AND (' ' || name || ' ' ||
        coalesce(email, '') || ' ' || coalesce(subject, '') || ' ' || translate(message, E'\\n\\t', '  '))
        ILIKE $1 ORDER BY id DESC LIMIT 51`,
      [`%${q}%`],
    );
    const [index] = plan.flatMap((line) => line["QUERY PLAN"].match(/Scan .*_(index|pkey)/) ?? []);
    found.push({
      what: `search for "${q}"`,
      unit: "ms",
      runs: await timesOf(search, RUNS),
      note: index ?? "no index",
    });
  }
  return found;
}

/** Alternating runs of both; the ratio of their medians, and both. */
async function ratio(what: string, ours: Call, other: Call, atMost: number): Promise<Row[]> {
  await ours();
  await other();
  const measured = await inTurn(
    RUNS,
    async () => median(await timesOf(ours, CALLS)),
    async () => median(await timesOf(other, CALLS)),
  );
  const [left, right] = what.split(", ").at(-1)?.split(" : ") ?? [];
  return [
    { what, unit: "", runs: ratios(measured.ours, measured.theirs), target: { atMost } },
    { what: `… ${left}`, unit: "ms", runs: measured.ours },
    { what: `… ${right}`, unit: "ms", runs: measured.theirs },
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
