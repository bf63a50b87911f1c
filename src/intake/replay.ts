import type { Logger } from "../telemetry/logger.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { AnyCommand, CommandContext } from "./command.ts";
import { execute, executeTogether, type Failure, type Outcome } from "./execute.ts";
import { setAsideAnnouncement } from "./operations.ts";
import type { SpoolStore, WaitingRow } from "./spool-store.ts";

/** Rows in one round trip, and about how many characters they may be. */
const BATCH_ROWS = 50;
const BATCH_CHARACTERS = 1_000_000;
/** After so long an alarm makes room for the next one. */
const RUN_MS = 10_000;
/** So many failures in a row, with no success between, mean that it is not the rows' fault. */
const FAILURES_MEAN_AWAY = 2;

const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 5 * 60_000;

/** Doubles from a second to five minutes; half of it is chance, so that shards do not march in step. */
export function backOff(failures: number, random: () => number = Math.random): number {
  const delay = Math.min(FIRST_DELAY_MS * 2 ** Math.max(0, failures - 1), LONGEST_DELAY_MS);
  return Math.round(delay * (0.5 + random() / 2));
}

/** `away`: the database did not take anything. `more`: time was up before the rows were. */
export type ReplayResult =
  | { readonly kind: "away"; readonly failure: Failure }
  | { readonly kind: "idle" | "more" };

interface Readable {
  readonly row: WaitingRow;
  readonly command: AnyCommand;
  readonly payload: unknown;
}

/**
 * Replays the rows whose time has come, in their order. Rows that cannot be stored step aside: for
 * good when Postgres refuses them, for a while when only they fail. Safe to end at any point and to
 * run again.
 * @param options.failures runs in a row in which the database was away; then it is tried gently
 */
export async function replay(options: {
  store: SpoolStore;
  commands: readonly AnyCommand[];
  context: CommandContext;
  shard: string;
  failures: number;
  log: Logger;
  metrics: Metrics;
  now?: () => number;
}): Promise<ReplayResult> {
  const { store, commands, context, shard, log, metrics, now = Date.now } = options;
  const end = now() + RUN_MS;
  let limit = options.failures === 0 ? BATCH_ROWS : FAILURES_MEAN_AWAY;
  let gently = options.failures > 0;

  const count = (row: WaitingRow, outcome: "stored_late" | "set_aside") => {
    const command = commands.find(({ name }) => name === row.command);
    if (command?.counter !== undefined) metrics.count(command.counter, { outcome });
  };

  const setAside = (row: WaitingRow, reason: string) => {
    const { number, command } = row;
    store.together(() => {
      store.setAside(number, reason, now());
      store.announce(setAsideAnnouncement({ shard, number, command, reason, at: now() }));
    });
    count(row, "set_aside");
    log.error("row set aside", { command, reason, row: `${shard}-${number}` });
  };

  /** Writes down what became of a row. @returns why it has to be tried again, if it has to */
  const settle = (row: WaitingRow, outcome: Outcome<unknown>): Failure | undefined => {
    if (outcome.kind === "failed") return outcome.failure;
    if (outcome.kind === "stored") {
      store.together(() => store.complete(row.number, outcome.announcements));
      count(row, "stored_late");
    } else setAside(row, outcome.kind === "refused" ? `sqlstate_${outcome.code}` : "conflict");
    return undefined;
  };

  const readable = (rows: readonly WaitingRow[]): Readable[] =>
    rows.flatMap((row) => {
      const read = readRow(row, commands);
      if (read === "unknown") store.postpone(row.number, now() + backOff(row.tries + 1));
      else if (read === "invalid") setAside(row, "unreadable");
      else return [{ row, ...read }];
      return [];
    });

  for (;;) {
    const rows = store.waiting(now(), limit, BATCH_CHARACTERS);
    if (rows.length === 0) return { kind: "idle" };
    const work = readable(rows);
    if (!gently && work.length > 1) {
      const outcomes = await executeTogether(context, work);
      if (Array.isArray(outcomes)) {
        store.together(() => {
          for (const [index, outcome] of outcomes.entries()) {
            const row = work[index]?.row;
            if (row !== undefined) settle(row, outcome);
          }
        });
        if (now() >= end) return { kind: "more" };
        continue;
      }
    }
    const failure = await oneByOne(work);
    if (failure !== undefined) return { kind: "away", failure };
    gently = false;
    limit = BATCH_ROWS;
    if (now() >= end) return { kind: "more" };
  }

  /** @returns the last failure when the database takes nothing */
  async function oneByOne(work: readonly Readable[]): Promise<Failure | undefined> {
    /** Rows that failed since the last one that did not. */
    let failed: WaitingRow[] = [];
    let answered = false;
    let failure: Failure | undefined;
    /** They are to blame: others came through. */
    const stepAside = () => {
      for (const row of failed) store.postpone(row.number, now() + backOff(row.tries + 1));
      failed = [];
    };
    for (const { row, command, payload } of work) {
      const failing = settle(row, await execute(context, command, payload));
      if (failing === undefined) {
        answered = true;
        stepAside();
        continue;
      }
      log.warn("replay failed", { command: command.name, ...failing });
      if (failing.kind !== "unavailable") {
        // The database is there, and answers: only this row waits, for as long as it takes.
        answered = true;
        store.postpone(row.number, now() + backOff(row.tries + 1));
        continue;
      }
      failure = failing;
      failed.push(row);
      if (failed.length >= FAILURES_MEAN_AWAY) return failure;
    }
    if (!answered) return failure;
    stepAside();
    return undefined;
  }
}

/** `unknown`: a newer Worker wrote it and will read it again. `invalid`: nobody ever will. */
function readRow(
  { command: name, version, payload }: WaitingRow,
  commands: readonly AnyCommand[],
): { command: AnyCommand; payload: unknown } | "unknown" | "invalid" {
  const command = commands.find((each) => each.name === name);
  const schema = command?.versions[version];
  if (command === undefined || schema === undefined) return "unknown";
  const parsed = schema.safeParse(JSON.parse(payload));
  return parsed.success ? { command, payload: parsed.data } : "invalid";
}
