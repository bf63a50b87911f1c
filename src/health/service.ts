import { sql } from "drizzle-orm";
import { ConfigError } from "../config.ts";
import type { Deps } from "../deps.ts";

const PART_TIMEOUT_MS = 1_000;

interface Part {
  state: "up" | "down";
  milliseconds: number;
  detail?: string;
}

/** @param deps taken lazily: a broken configuration is one of the answers */
export async function checkReadiness(
  deps: () => Pick<Deps, "db">,
): Promise<{ status: "ready" | "unavailable"; parts: Record<string, Part> }> {
  const configuration = await timed(async () => deps());
  const postgres = await timed(async () => deps().db.execute(sql`select 1`));
  const parts = { configuration, postgres };
  const ready = Object.values(parts).every((part) => part.state === "up");
  return { status: ready ? "ready" : "unavailable", parts };
}

async function timed(probe: () => Promise<unknown>): Promise<Part> {
  const start = performance.now();
  const failure = await Promise.race([
    probe().then(
      () => undefined,
      (error: unknown) => (error instanceof ConfigError ? error.message : "unreachable"),
    ),
    scheduler.wait(PART_TIMEOUT_MS).then(() => "no answer in time"),
  ]);
  const milliseconds = Math.round(performance.now() - start);
  return failure === undefined
    ? { state: "up", milliseconds }
    : { state: "down", milliseconds, detail: failure };
}
