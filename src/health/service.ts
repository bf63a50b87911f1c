import { ConfigError } from "../config.ts";
import { DatabaseReadOnly, requireWritable } from "../db/probe.ts";
import type { Deps } from "../deps.ts";

const PART_TIMEOUT_MS = 1_000;

interface Part {
  state: "up" | "degraded" | "down";
  milliseconds: number;
  detail?: string;
  depth?: number;
  oldestSeconds?: number;
  setAside?: number;
}

/** @param deps taken lazily: a broken configuration is one of the answers */
export async function checkReadiness(
  deps: () => Pick<Deps, "db" | "spool" | "now">,
): Promise<{ status: "ready" | "unavailable"; parts: Record<string, Part> }> {
  const configuration = await timed(async () => deps());
  const [postgres, spool] = await Promise.all([
    timed(async () => requireWritable(deps().db)),
    checkSpool(deps),
  ]);
  const parts = { configuration, postgres, spool };
  const ready = Object.values(parts).every((part) => part.state !== "down");
  return { status: ready ? "ready" : "unavailable", parts };
}

/** Degraded while writes wait or were set aside: accepted, but not where they belong. */
async function checkSpool(deps: () => Pick<Deps, "spool" | "now">): Promise<Part> {
  let numbers = { depth: 0, oldestSeconds: 0, setAside: 0 };
  const part = await timed(async () => {
    const { depth, oldestAcceptedAt, setAside } = await deps().spool.stats();
    const age = oldestAcceptedAt === null ? 0 : deps().now().getTime() - oldestAcceptedAt;
    numbers = { depth, oldestSeconds: Math.max(0, Math.round(age / 1000)), setAside };
  });
  if (part.state === "down") return part;
  const { depth, setAside } = numbers;
  return { ...part, state: depth + setAside > 0 ? "degraded" : "up", ...numbers };
}

async function timed(probe: () => Promise<unknown>): Promise<Part> {
  const start = performance.now();
  const failure = await Promise.race([
    probe().then(() => undefined, kindOf),
    scheduler.wait(PART_TIMEOUT_MS).then(() => "no answer in time"),
  ]);
  const milliseconds = Math.round(performance.now() - start);
  return failure === undefined
    ? { state: "up", milliseconds }
    : { state: "down", milliseconds, detail: failure };
}

/** Nothing of what a library says: it may quote an address. */
function kindOf(error: unknown): string {
  if (error instanceof ConfigError) return error.message;
  return error instanceof DatabaseReadOnly ? "read only" : "unreachable";
}
