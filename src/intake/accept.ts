import type { Breaker } from "../breaker.ts";
import type { Database } from "../db/client.ts";
import { requireWritable } from "../db/probe.ts";
import { Problem } from "../http/problem.ts";
import { type Logger, nameOf } from "../telemetry/logger.ts";
import type { Announcement, Command, CommandKey } from "./command.ts";
import { execute } from "./execute.ts";
import type { SpoolClient } from "./spool-client.ts";

/** Accepted means durable: in Postgres, or in the spool. */
export type Accepted<Result> =
  | { readonly kind: "stored"; readonly result: Result }
  | {
      readonly kind: "queued";
      readonly key: string;
      /** Milliseconds since 1970: when it was sent first. */
      readonly acceptedAt: number;
      readonly replayed: boolean;
    };

export interface Intake {
  /**
   * Does a public write, now or later.
   * @throws {Problem} the command's `conflict`, or `intake_unavailable` when it could not be made
   *   durable anywhere
   */
  accept<Payload, Result>(
    command: Command<Payload, Result>,
    payload: Payload,
  ): Promise<Accepted<Result>>;
}

export function createIntake(options: {
  /** Whose calls end in time for a visitor who waits. */
  db: Database;
  nodeId: number;
  breaker: Breaker;
  spool: SpoolClient;
  log: Logger;
  announce: (announcement: Announcement) => void;
  background: (work: Promise<unknown>) => void;
  /** Told when the spool took no write. */
  spoolFailed?: () => void;
}): Intake {
  const { db, nodeId, breaker, spool, log, announce, background } = options;
  const { spoolFailed = () => {} } = options;

  /** Asks in nobody's way whether the database is back, and tells the spool. */
  async function probe(): Promise<void> {
    try {
      await requireWritable(db);
    } catch {
      return breaker.failed();
    }
    breaker.succeeded();
    log.info("database is back");
    await spool.wake();
  }

  async function queue(name: string, version: number, payload: unknown, key: CommandKey) {
    const accepted = await spool
      .accept({ ...key, command: name, version, payload })
      .catch((error) => {
        spoolFailed();
        log.error("spool unreachable", { error: nameOf(error) });
        throw new Problem("intake_unavailable");
      });
    log.warn("write queued", { command: name, replayed: accepted.kind === "known" });
    return accepted;
  }

  return {
    async accept(command, payload) {
      if (!breaker.open) {
        const outcome = await execute({ db, nodeId }, command, payload);
        switch (outcome.kind) {
          case "stored":
            breaker.succeeded();
            for (const announcement of outcome.announcements) announce(announcement);
            return { kind: "stored", result: outcome.result };
          case "conflict":
            breaker.succeeded();
            throw new Problem(command.conflict);
          case "refused":
            breaker.succeeded();
            log.error("write refused", { command: command.name, code: outcome.code });
            throw new Problem("internal_error");
          case "failed":
            // Contention is a word of a database that is there.
            if (outcome.failure.kind !== "contention") breaker.failed();
            log.error("database failure", { command: command.name, ...outcome.failure });
        }
      } else if (breaker.allows()) {
        background(probe());
      }
      const accepted = await queue(command.name, command.version, payload, command.keyOf(payload));
      if (accepted.kind === "conflict") throw new Problem(command.conflict);
      const { key, acceptedAt } = accepted;
      return { kind: "queued", key, acceptedAt, replayed: accepted.kind === "known" };
    },
  };
}
