import { COUNTERS, GAUGES, type Gauge, HISTOGRAMS, labelText } from "./catalogue.ts";
import type { Sample } from "./metrics.ts";

/** https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format */
export const EXPOSITION_TYPE = "text/plain; version=0.0.4; charset=utf-8";

interface Family {
  readonly help: string;
  readonly labels: Readonly<Record<string, readonly string[] | null>>;
}

/**
 * Prometheus text format.
 * @param totals of all isolates, one series possibly several times; `undefined` leaves counters and
 *   histograms out: a gap is the truth when they are not known, a smaller number would be a lie
 */
export function renderMetrics(totals: readonly Sample[] | undefined, gauges: readonly Gauge[]) {
  const lines: string[] = [];
  const family = (name: string, type: string, { help }: Family) =>
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);

  if (totals !== undefined) {
    const known = sumUp(totals);
    for (const [name, counter] of Object.entries(COUNTERS)) {
      family(name, "counter", counter);
      const zeros = zeroSeries(counter).map((labels) => [labels, 0] as const);
      const values = [...(known.get(name) ?? [])].map(
        ([labels, buckets]) => [labels, buckets.get("") ?? 0] as const,
      );
      for (const [labels, value] of new Map([...zeros, ...values])) {
        lines.push(series(name, labels, value));
      }
    }
    for (const [name, histogram] of Object.entries(HISTOGRAMS)) {
      family(name, "histogram", histogram);
      for (const [labels, buckets] of known.get(name) ?? []) {
        lines.push(...histogramSeries(name, labels, buckets, histogram.buckets));
      }
    }
  }
  for (const [name, gauge] of Object.entries(GAUGES)) {
    const values = gauges.filter((each) => each[0] === name);
    if (values.length === 0) continue;
    family(name, "gauge", gauge);
    for (const [, labels, value] of values) lines.push(series(name, labelText(labels), value));
  }
  return `${lines.join("\n")}\n`;
}

/** family → labels → bucket → value. */
function sumUp(totals: readonly Sample[]) {
  const families = new Map<string, Map<string, Map<string, number>>>();
  for (const [name, labels, bucket, value] of totals) {
    const family = families.get(name) ?? new Map<string, Map<string, number>>();
    families.set(name, family);
    const buckets = family.get(labels) ?? new Map<string, number>();
    family.set(labels, buckets);
    buckets.set(bucket, (buckets.get(bucket) ?? 0) + value);
  }
  return families;
}

/** The label texts of a family all of whose labels have a list: they exist before they happen. */
function zeroSeries({ labels }: Family): string[] {
  let combinations: Record<string, string>[] = [{}];
  for (const [name, values] of Object.entries(labels)) {
    if (values === null) return [];
    combinations = combinations.flatMap((each) =>
      values.map((value) => ({ ...each, [name]: value })),
    );
  }
  return combinations.map(labelText);
}

/** Bounds that an older version counted by stay in the sum. */
function histogramSeries(
  name: string,
  labels: string,
  buckets: ReadonlyMap<string, number>,
  bounds: readonly number[],
): string[] {
  const stored = [...buckets.keys()].filter((key) => key !== "sum" && key !== "+Inf").map(Number);
  const all = [...new Set([...bounds, ...stored])].sort((a, b) => a - b).map(String);
  let count = 0;
  const lines = [...all, "+Inf"].map((bound) => {
    count += buckets.get(bound) ?? 0;
    return series(`${name}_bucket`, `${labels},le="${bound}"`, count);
  });
  return [
    ...lines,
    series(`${name}_sum`, labels, buckets.get("sum") ?? 0),
    series(`${name}_count`, labels, count),
  ];
}

function series(name: string, labels: string, value: number): string {
  return labels === "" ? `${name} ${value}` : `${name}{${labels}} ${value}`;
}
