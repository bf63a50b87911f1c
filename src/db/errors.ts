import { NeonDbError } from "@neondatabase/serverless";
import { DrizzleQueryError } from "drizzle-orm";

/**
 * What a failed query means:
 * - `refused`: Postgres answered, and the answer is final (a constraint, bad data).
 * - `unavailable`: nobody answered, or Postgres said that it cannot serve right now.
 */
export type DatabaseFailure =
  | { readonly kind: "refused"; readonly code: string; readonly constraint: string | undefined }
  | { readonly kind: "unavailable"; readonly code: string | undefined };

/**
 * SQLSTATE classes in which the same statement may succeed later: 08 connection exception,
 * 53 insufficient resources, 57 operator intervention, 58 system error.
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const UNAVAILABLE_CLASSES: ReadonlySet<string> = new Set(["08", "53", "57", "58"]);

/** Whether a SQLSTATE says that the server cannot serve right now. */
export function isOutage(code: string): boolean {
  return UNAVAILABLE_CLASSES.has(code.slice(0, 2));
}

/**
 * Reads a failure thrown by a query or a batch, or `undefined` when the error is not one. The driver
 * gives every answer of Postgres a `code`; without one, nobody answered.
 */
export function databaseFailure(error: unknown): DatabaseFailure | undefined {
  const cause = error instanceof DrizzleQueryError ? error.cause : error;
  if (!(cause instanceof NeonDbError)) return undefined;
  const { code, constraint } = cause;
  if (code === undefined) return { kind: "unavailable", code };
  if (isOutage(code)) return { kind: "unavailable", code };
  return { kind: "refused", code, constraint };
}

/** SQLSTATE 23505 unique_violation. */
const UNIQUE_VIOLATION = "23505";

/** Repeats an INSERT once when the id it minted was taken (ADR-0002): the next one is another. */
export async function retryTakenId<T>(insert: () => Promise<T>): Promise<T> {
  try {
    return await insert();
  } catch (error) {
    const failure = databaseFailure(error);
    const taken =
      failure?.kind === "refused" &&
      failure.code === UNIQUE_VIOLATION &&
      failure.constraint?.endsWith("_pkey");
    if (!taken) throw error;
    return insert();
  }
}
