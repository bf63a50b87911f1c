import { Column, fillPlaceholders, is, QueryPromise, type SQL } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import { drizzle } from "drizzle-orm/neon-http";
import type { Database } from "./client.ts";

/** What a statement returns, by name, in the order of its columns. */
type Returned = Readonly<Record<string, Column | SQL>>;

/** A statement with its values: to be awaited alone, or in a batch. */
export type CompiledStatement = BatchItem<"pg"> & PromiseLike<Record<string, unknown>[]>;

/**
 * A statement whose text is made once for each isolate, because making it costs a sixth of all
 * that a submission costs. The definition is drizzle's all the same, with `sql.placeholder` for what changes.
 * @param build the same for any database
 * @returns takes the value of each placeholder; its rows are named as `returned` names them
 */
export function compileStatement(
  returned: Returned,
  build: (db: Database) => { toSQL(): { sql: string; params: unknown[] } },
): (db: Database, values: Readonly<Record<string, unknown>>) => CompiledStatement {
  let known: { sql: string; params: unknown[] } | undefined;
  const columns = Object.entries(returned);

  const readRows = (rows: unknown[][]) =>
    rows.map((row) =>
      Object.fromEntries(
        columns.map(([name, column], index) => {
          const value = row[index];
          const readable = value !== null && is(column, Column);
          return [name, readable ? column.mapFromDriverValue(value) : value];
        }),
      ),
    );

  class Statement extends QueryPromise<Record<string, unknown>[]> {
    readonly #db: Database;
    readonly #values: Readonly<Record<string, unknown>>;

    constructor(db: Database, values: Readonly<Record<string, unknown>>) {
      super();
      this.#db = db;
      this.#values = values;
    }

    /** What `batch` asks every statement for. */
    _prepare() {
      known ??= build(drizzle.mock() as unknown as Database).toSQL();
      const query = { sql: known.sql, params: fillPlaceholders(known.params, this.#values) };
      return this.#db._.session.prepareQuery(query, undefined, undefined, true, readRows);
    }

    execute() {
      return this._prepare().execute() as Promise<Record<string, unknown>[]>;
    }
  }
  return (db, values) => new Statement(db, values) as unknown as CompiledStatement;
}
