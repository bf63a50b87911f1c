/**
 * A figure is one file, `bench/<name>.figure.ts`, that exports `figure: Figure`; `npm run bench` finds
 * it by its name. It starts what it measures, takes RUNS runs, ours and the peer's in turn, ends what
 * it started (also when it fails), and returns its rows. `run.ts` does the rest: medians, spread,
 * whether the target is met, the table and RESULTS.md.
 *
 * What runs inside workerd is a Worker in `bench/workers/`, started by `startScript` of workerd.ts.
 */
export interface Figure {
  /** One line: what is measured. */
  readonly title: string;
  /** Where and how, so that a reader can judge the numbers: engine, peer, load. */
  readonly how: string;
  measure(): Promise<readonly Row[]>;
}

/** One measured quantity. */
export interface Row {
  readonly what: string;
  /** `µs`, `ms`, `%`; empty for a count or a ratio. */
  readonly unit: string;
  /** One value a run, in the order they were taken. */
  readonly runs: readonly number[];
  /** What the median has to reach. Without it the row is there to explain another. */
  readonly target?: { readonly atMost: number } | { readonly atLeast: number };
  /** What else was seen, for whoever wonders about the number. */
  readonly note?: string;
}

/** How often everything is measured, ours and the peer's in turn. */
export const RUNS = 5;

/** A row with what run.ts makes of it. */
export interface Result extends Row {
  readonly median: number;
  readonly smallest: number;
  readonly largest: number;
  /** `undefined` for a row without a target. */
  readonly met: boolean | undefined;
}

export function summarise(row: Row): Result {
  if (row.runs.length === 0) throw new Error(`${row.what}: nothing was measured`);
  const middle = median(row.runs);
  return {
    ...row,
    median: middle,
    smallest: Math.min(...row.runs),
    largest: Math.max(...row.runs),
    met: isMet(middle, row.target),
  };
}

/** NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const at = (index: number) => sorted[index] ?? Number.NaN;
  return (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2;
}

/** One run of ours to one of the peer's, in turn, so that what the machine does happens to both. */
export async function inTurn<T>(
  runs: number,
  ours: () => Promise<T>,
  theirs: () => Promise<T>,
): Promise<{ ours: T[]; theirs: T[] }> {
  const measured: { ours: T[]; theirs: T[] } = { ours: [], theirs: [] };
  for (let run = 0; run < runs; run += 1) {
    measured.ours.push(await ours());
    measured.theirs.push(await theirs());
  }
  return measured;
}

/** Ours to theirs, run by run. */
export function ratios(ours: readonly number[], theirs: readonly number[]): number[] {
  return ours.map((value, run) => value / (theirs[run] ?? Number.NaN));
}

/** A NaN meets nothing. */
function isMet(median: number, target: Row["target"]): boolean | undefined {
  if (target === undefined) return undefined;
  return "atMost" in target ? median <= target.atMost : median >= target.atLeast;
}
