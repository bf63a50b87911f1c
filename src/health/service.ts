import { ConfigError } from "../config.ts";
import { DatabaseReadOnly } from "../db/probe.ts";
import { within } from "../within.ts";
import { PART_TIMEOUT_MS, type Part, type Verdict } from "./part.ts";

export interface PartReport extends Verdict {
  readonly milliseconds: number;
}

export interface Readiness {
  /** `unavailable` when an accepted write could not be made durable anywhere. */
  readonly status: "ready" | "degraded" | "unavailable";
  readonly parts: Readonly<Record<string, PartReport>>;
}

/** Anybody may ask, and each answer asks every dependency: an isolate asks them once in this time, short enough
 * that a part which hangs for a whole second is named within two. */
const KEEP_MS = 500;

/** The newest report of an isolate. */
export interface ReadinessCache {
  report: Readiness | undefined;
  /** When its making began. */
  at: number;
}

export function createReadinessCache(): ReadinessCache {
  return { report: undefined, at: Number.NEGATIVE_INFINITY };
}

/**
 * Asks all parts at once; takes no longer than the slowest may.
 * @param deps taken lazily: a broken configuration is one of the answers
 */
export async function checkReadiness(
  deps: () => { readonly parts: readonly Part[]; readonly readiness: ReadinessCache },
): Promise<Readiness> {
  const start = performance.now();
  let known: ReturnType<typeof deps>;
  try {
    known = deps();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const configuration = { state: "down", detail: error.message, ...since(start) } as const;
    return { status: "unavailable", parts: { configuration } };
  }
  const { parts, readiness: cache } = known;
  if (cache.report !== undefined && Date.now() - cache.at < KEEP_MS) return cache.report;
  // Claimed before asking: whoever comes meanwhile gets the report before this one.
  cache.at = Date.now();
  const reports = await Promise.all(parts.filter((part) => part.probe).map(ask));
  const configuration = [{ state: "up", milliseconds: 0 }, "configuration", false] as const;
  const all = [configuration, ...reports];
  const report: Readiness = {
    status: statusOf(all),
    parts: Object.fromEntries(all.map(([verdict, name]) => [name, verdict])),
  };
  cache.report = report;
  return report;
}

type Answer = readonly [report: PartReport, name: string, storesWrites: boolean];

const UP: Verdict = { state: "up" };

async function ask({ name, storesWrites = false, probe }: Part): Promise<Answer> {
  const start = performance.now();
  // What throws at once is no more than what throws later.
  const probing = (async () => probe?.() ?? UP)();
  const verdict: Verdict = await within(PART_TIMEOUT_MS, probing).catch((error: unknown) => ({
    state: "down",
    detail: kindOf(error),
  }));
  return [{ ...verdict, ...since(start) }, name, storesWrites];
}

/** Nothing of what a library says: it may quote an address. */
function kindOf(error: unknown): string {
  if (error instanceof DatabaseReadOnly) return "answers, but takes no writes";
  const late = error instanceof DOMException && error.name === "TimeoutError";
  return late ? "no answer in time" : "unreachable";
}

function statusOf(answers: readonly Answer[]): Readiness["status"] {
  const stores = answers.filter(([, , storesWrites]) => storesWrites);
  if (stores.every(([{ state }]) => state === "down")) return "unavailable";
  return answers.every(([{ state }]) => state === "up") ? "ready" : "degraded";
}

function since(start: number) {
  return { milliseconds: Math.round(performance.now() - start) };
}
