import { type DatabaseFailure, databaseFailure, retryTakenId } from "../db/errors.ts";
import type { AnyCommand, Command, CommandContext, Settled } from "./command.ts";

/** What became of an attempt. Only `refused` will never come out otherwise. */
export type Outcome<Result> =
  | Settled<Result>
  | { readonly kind: "refused"; readonly code: string }
  | { readonly kind: "failed"; readonly failure: Failure };

/** Why an attempt has to be repeated. `code` is an SQLSTATE where there is one. */
export interface Failure {
  readonly kind: Exclude<DatabaseFailure["kind"], "refused">;
  readonly code: string | undefined;
}

/** Executes a command once, in one round trip. Never throws. */
export async function execute<Payload, Result>(
  context: CommandContext,
  command: Command<Payload, Result>,
  payload: Payload,
): Promise<Outcome<Result>> {
  const attempt = async () => {
    const rows = await retryTakenId(() => send(context, command, payload));
    return command.settle(rows, payload);
  };
  try {
    return await attempt();
  } catch (error) {
    if (!meansConflict(command, error)) return outcomeOf(error);
  }
  try {
    return await attempt();
  } catch (error) {
    return meansConflict(command, error) ? { kind: "conflict" } : outcomeOf(error);
  }
}

function meansConflict({ conflictConstraint }: AnyCommand, error: unknown): boolean {
  const failure = databaseFailure(error);
  if (conflictConstraint === undefined || failure?.kind !== "refused") return false;
  return failure.constraint === conflictConstraint;
}

/**
 * Executes several in one round trip and one transaction: all of them, or none.
 * @returns the outcome of each in their order, or that of all
 */
export async function executeTogether(
  context: CommandContext,
  work: readonly { command: Command<unknown, unknown>; payload: unknown }[],
): Promise<Settled<unknown>[] | Exclude<Outcome<unknown>, Settled<unknown>>> {
  try {
    const batches = work.map(({ command, payload }) => command.statements(context, payload));
    const [first, ...rest] = batches.flat();
    if (first === undefined) return [];
    const results: unknown[] = await context.db.batch([first, ...rest]);
    let end = 0;
    return work.map(({ command, payload }, index) => {
      end += batches[index]?.length ?? 0;
      return command.settle(results[end - 1] as unknown[], payload);
    });
  } catch (error) {
    return outcomeOf(error);
  }
}

/** A single statement is its own transaction; only several need a batch around them. */
async function send<Payload, Result>(
  context: CommandContext,
  command: Command<Payload, Result>,
  payload: Payload,
): Promise<unknown[]> {
  const statements = command.statements(context, payload);
  const [first, ...rest] = statements;
  if (rest.length === 0) return await (first as unknown as PromiseLike<unknown[]>);
  const results: unknown[] = await context.db.batch([first, ...rest]);
  return results.at(-1) as unknown[];
}

/**
 * An error that is not the database's comes from reading its answer, or is a mistake of ours. Neither
 * is a reason to lose what somebody wrote.
 */
function outcomeOf(error: unknown): Exclude<Outcome<never>, Settled<never>> {
  const failure = databaseFailure(error);
  if (failure === undefined) {
    const code = error instanceof Error ? error.name : undefined;
    return { kind: "failed", failure: { kind: "unexpected", code } };
  }
  const { kind, code } = failure;
  if (kind === "refused") return { kind, code };
  return { kind: "failed", failure: { kind, code } };
}
