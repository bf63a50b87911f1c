import { NeonDbError } from "@neondatabase/serverless";
import { DrizzleQueryError } from "drizzle-orm";

/**
 * What a failed query means for the statement that was sent:
 * - `refused`: Postgres answered, and it will never say anything else to this statement.
 * - `contention`: another transaction was in the way; the same statement may succeed at once.
 * - `unavailable`: nobody answered in a way that can be read, or the server cannot serve right now.
 * - `unexpected`: Postgres answered, but the fault is neither the statement's data nor an outage, as
 *   far as the code tells: a migration that is still to come, a missing privilege, a broken index.
 */
export type DatabaseFailure =
  | {
      readonly kind: "refused" | "contention" | "unexpected";
      readonly code: string;
      readonly constraint: string | undefined;
    }
  | { readonly kind: "unavailable"; readonly code: string | undefined };

/**
 * By SQLSTATE, a whole code before its class (the first two characters). What is in neither is
 * `unexpected`, so that an unknown answer never counts as final.
 * Names: https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const MEANING: Readonly<Record<string, DatabaseFailure["kind"]>> = {
  // Connection exception; also what a pooler in between says when it has lost the server.
  "08": "unavailable",
  // Read-only transaction: the address leads to a standby, as it does during a failover
  // (https://www.postgresql.org/docs/current/hot-standby.html).
  "25006": "unavailable",
  // Invalid authorization: a password that is being rotated. No statement is to blame.
  "28": "unavailable",
  // Invalid catalog name: the database is being restored or is named wrongly.
  "3D": "unavailable",
  // Insufficient resources: disk full, out of memory, too many connections.
  "53": "unavailable",
  // Operator intervention: 57P01 shutdown, 57P02 crash, 57P03 starting up, 57014 cancelled, which is
  // also what statement_timeout says.
  "57": "unavailable",
  // System error outside of PostgreSQL: an I/O error.
  "58": "unavailable",
  // Transaction rollback: 40001 serialization, 40P01 deadlock. "Retry the complete transaction":
  // https://www.postgresql.org/docs/current/mvcc-serialization-failure-handling.html
  "40": "contention",
  // Lock not available: lock_timeout, NOWAIT.
  "55P03": "contention",
  // Cardinality violation, data exception, integrity constraint violation, triggered data change
  // violation, WITH CHECK OPTION violation, program limit exceeded (an index row that is too large),
  // RAISE in a trigger: the values are to blame, and they will not change.
  "21": "refused",
  "22": "refused",
  "23": "refused",
  "27": "refused",
  "44": "refused",
  "54": "refused",
  P0: "refused",
};

/** What a SQLSTATE says about the server or the statement. */
function meaningOf(code: string): DatabaseFailure["kind"] {
  return MEANING[code] ?? MEANING[code.slice(0, 2)] ?? "unexpected";
}

/** Whether a SQLSTATE says that the server cannot serve right now. */
export function isOutage(code: string): boolean {
  return meaningOf(code) === "unavailable";
}

/** SQLSTATE 23505 unique_violation. */
const UNIQUE_VIOLATION = "23505";

/**
 * Reads a failure thrown by a query or a batch, or `undefined` when the error is not one. The driver
 * gives a `code` to what Postgres itself has said, and to nothing else: a time-out, a broken
 * connection, any HTTP status but 200 and 400, and an answer that cannot be read have none.
 */
export function databaseFailure(error: unknown): DatabaseFailure | undefined {
  const wrapped = error instanceof DrizzleQueryError;
  const cause = wrapped ? error.cause : error;
  if (!(cause instanceof NeonDbError)) {
    return wrapped ? { kind: "unavailable", code: undefined } : undefined;
  }
  const { code, constraint } = cause;
  if (code === undefined) return { kind: "unavailable", code };
  const kind = meaningOf(code);
  if (kind === "unavailable") return { kind, code };
  // A minted id or token that was taken (ADR-0002): the next one is another.
  const taken = code === UNIQUE_VIOLATION && /_pkey$|_token_unique$/.test(constraint ?? "");
  return { kind: taken ? "contention" : kind, code, constraint };
}

/** Repeats an INSERT once when the id it minted was taken (ADR-0002): the next one is another. */
export function retryTakenId<T>(insert: () => Promise<T>): Promise<T> {
  return retryOnce(
    insert,
    (failure) => failure?.kind === "contention" && failure.code === UNIQUE_VIOLATION,
  );
}

/**
 * Repeats a statement or a batch once that another transaction was in the way of (a deadlock, say), or
 * whose id was taken: Postgres has rolled it back.
 */
export function retryContention<T>(work: () => Promise<T>): Promise<T> {
  return retryOnce(work, (failure) => failure?.kind === "contention");
}

async function retryOnce<T>(
  work: () => Promise<T>,
  helps: (failure: DatabaseFailure | undefined) => boolean,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!helps(databaseFailure(error))) throw error;
    return work();
  }
}
