import type { Permissions } from "../auth/permissions.ts";
import { type Logger, nameOf } from "../telemetry/logger.ts";
import type { Access } from "./fanout.ts";
import type { Observers } from "./observers.ts";
import type { View } from "./protocol.ts";

/** How often open sockets are held against the rules: a right that was taken away ends within it. */
const CHECK_MS = 30_000;
/** After a failure, so that one more of them still leaves it within a minute. */
const RETRY_MS = 10_000;

/**
 * How much of a room the rules let somebody see; undefined: nothing, not even that it is there.
 * @throws {PermissionsUnavailable} when there are no rules to decide by
 */
export async function viewOf(
  permissions: Pick<Permissions, "allows">,
  { room, roles }: Access,
): Promise<View | undefined> {
  if (!(await permissions.allows({ roles }, "room", room))) return undefined;
  return (await permissions.allows({ roles }, "inquiry", "contact")) ? "full" : "masked";
}

/**
 * Holds the sockets of one object against the rules, in its alarm. When it did so last is on disk: an
 * object sleeps between two alarms and would otherwise ask at every one.
 */
export class AccessCheck {
  readonly #sql: SqlStorage;
  readonly #observers: Observers;
  readonly #permissions: () => Permissions;
  #dueAt: number;
  #failing: boolean;

  /** @param options.permissions made for each check; may throw */
  constructor(options: {
    sql: SqlStorage;
    observers: Observers;
    permissions: () => Permissions;
  }) {
    this.#sql = options.sql;
    this.#observers = options.observers;
    this.#permissions = options.permissions;
    this.#sql.exec(
      "CREATE TABLE IF NOT EXISTS access_check (due_at INTEGER NOT NULL, failing INTEGER NOT NULL)",
    );
    const [row] = this.#sql
      .exec<{ due_at: number; failing: number }>("SELECT due_at, failing FROM access_check")
      .toArray();
    this.#dueAt = row?.due_at ?? 0;
    this.#failing = row?.failing === 1;
  }

  /** When the next check is due, milliseconds since 1970; Infinity when nobody is here to check. */
  get dueAt(): number {
    return this.#observers.guarded ? this.#dueAt : Number.POSITIVE_INFINITY;
  }

  /** Somebody comes whom the Worker has just let in: where nobody was, there is time. */
  arriving(now: number): void {
    if (!this.#observers.guarded) this.#note(now + CHECK_MS, this.#failing);
  }

  /**
   * Checks if it is time to: one query. Rules that cannot be read leave everybody where they are.
   * Never throws.
   */
  async run(now: number, log: Logger): Promise<void> {
    if (!this.#observers.guarded || now < this.#dueAt) return;
    try {
      const permissions = this.#permissions();
      await permissions.refresh();
      const views = new Map<string, View | undefined>();
      for (const [key, access] of this.#observers.accesses())
        views.set(key, await viewOf(permissions, access));
      this.#observers.follow(views);
      this.#note(now + CHECK_MS, false);
    } catch (error) {
      if (!this.#failing) log.warn("rules not read, sockets kept", { error: nameOf(error) });
      this.#note(now + RETRY_MS, true);
    }
  }

  #note(dueAt: number, failing: boolean): void {
    this.#dueAt = dueAt;
    this.#failing = failing;
    this.#sql.exec("DELETE FROM access_check");
    this.#sql.exec("INSERT INTO access_check (due_at, failing) VALUES (?, ?)", dueAt, +failing);
  }
}
