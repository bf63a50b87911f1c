import type { Gauge } from "../telemetry/catalogue.ts";
import { renderMetrics } from "../telemetry/exposition.ts";
import type { Sample } from "../telemetry/metrics.ts";
import { within } from "../within.ts";
import { PART_TIMEOUT_MS, type Part } from "./part.ts";

/**
 * Everything `/metrics` says: the totals of all isolates, and what the parts measure now. A part
 * that is away leaves a gap and a 0 in `outreach_part_up`; the scrape goes on without it.
 */
export async function scrape(deps: {
  readonly parts: readonly Part[];
  readTotals(): Promise<readonly Sample[]>;
}): Promise<string> {
  const [totals, ...measured] = await Promise.all([
    settle("totals", deps.readTotals()),
    ...deps.parts.flatMap(({ name, measure }) => (measure ? [settle(name, measure())] : [])),
  ]);
  const up = [totals, ...measured].map(
    ({ name, value }): Gauge => ["outreach_part_up", { part: name }, value === undefined ? 0 : 1],
  );
  return renderMetrics(totals.value, [...measured.flatMap(({ value }) => value ?? []), ...up]);
}

async function settle<T>(name: string, work: Promise<T>) {
  const value = await within(PART_TIMEOUT_MS, work).catch(() => undefined);
  return { name, value };
}
