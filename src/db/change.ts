import {
  eq,
  type GetColumnData,
  type getTableColumns,
  inArray,
  isNotNull,
  isNull,
  type SQL,
  sql,
} from "drizzle-orm";
import type { PgColumn, PgTable } from "drizzle-orm/pg-core";
import type { Database } from "./client.ts";
import { retryContention } from "./errors.ts";

/** Rows that staff change: with a version, a bin, and who changed them last. */
export type ChangedTable = PgTable &
  Readonly<
    Record<
      | "id"
      | "status"
      | "spamReasons"
      | "version"
      | "modifiedAt"
      | "modifiedBy"
      | "deletedAt"
      | "deletedBy",
      PgColumn
    >
  >;

/** A row after an attempt to change it. */
export interface Attempt<Row> {
  /** As it is now, changed or not. */
  readonly row: Row;
  readonly changed: boolean;
  readonly statusBefore: string;
  /** It had been filed as spam, and this change brought it back. */
  readonly revived: boolean;
}

/** Who changes what. */
export interface Change {
  readonly ids: readonly string[];
  /** The versions it may have; any when undefined. */
  readonly versions: readonly number[] | undefined;
  readonly actor: string;
}

/** Of any table: what queries are built with that do not know which one it is. */
export type ColumnsOf<T extends PgTable> = ReturnType<typeof getTableColumns<T>>;

export type Columns = Readonly<Record<string, PgColumn>>;

/** A row, of some of its columns. */
export type RowOf<C extends Columns> = { [Name in keyof C]: GetColumnData<C[Name]> };

export type Assignment = readonly [column: PgColumn, value: SQL];

/**
 * Changes each row that is there, is not in the bin and meets the conditions: one statement. One that
 * no assignment would change is left alone.
 * @param options.columns what is told of each
 * @param options.assignments what is asked for
 * @param options.consequences what else changes when it does
 * @param options.log an INSERT, which sees the rows as `before` and `changed`
 * @returns what is there of `ids`, in no order
 */
export function changeRows<C extends Columns>(
  db: Database,
  table: ChangedTable,
  options: Change & {
    readonly columns: C;
    readonly assignments: readonly Assignment[];
    readonly consequences?: readonly Assignment[];
    readonly when?: readonly SQL[];
    readonly log?: SQL;
  },
): Promise<Attempt<RowOf<C>>[]> {
  const { ids, versions, assignments, consequences = [], when = [], ...others } = options;
  const differs = assignments.map(([column, value]) => sql`${column} IS DISTINCT FROM ${value}`);
  return attempt(db, table, {
    ...others,
    rows: sql`${inArray(table.id, [...ids])} AND ${isNull(table.deletedAt)}`,
    set: [...assignments, ...consequences],
    when: [
      ...ofVersions(table, versions),
      ...when,
      differs.length === 0 ? sql`false` : sql`(${sql.join(differs, sql` OR `)})`,
    ],
  });
}

/**
 * Puts rows in the bin, or takes them out; what is already there stays as it is.
 * @param options as for `changeRows`
 */
export function binRows<C extends Columns>(
  db: Database,
  table: ChangedTable,
  options: Change & {
    readonly columns: C;
    readonly deleted: boolean;
    readonly when?: readonly SQL[];
    readonly log?: SQL;
  },
): Promise<Attempt<RowOf<C>>[]> {
  const { ids, versions, deleted, when = [], ...others } = options;
  return attempt(db, table, {
    ...others,
    rows: inArray(table.id, [...ids]),
    set: [
      [table.deletedAt, deleted ? sql`now()` : sql`NULL`],
      [table.deletedBy, deleted ? sql`${options.actor}` : sql`NULL`],
    ],
    when: [
      ...ofVersions(table, versions),
      ...when,
      deleted ? isNull(table.deletedAt) : isNotNull(table.deletedAt),
    ],
  });
}

function ofVersions(table: ChangedTable, versions: Change["versions"]): SQL[] {
  return versions === undefined ? [] : [inArray(table.version, [...versions])];
}

/**
 * The frame of every change: lock in the order of ids (two changes of many cannot lock each other
 * out), update what qualifies, log it, and answer how things are now.
 */
async function attempt<C extends Columns>(
  db: Database,
  table: ChangedTable,
  options: {
    columns: C;
    rows: SQL;
    set: readonly Assignment[];
    actor: string;
    when: readonly SQL[];
    log?: SQL;
  },
): Promise<Attempt<RowOf<C>>[]> {
  const columns: ColumnsOf<ChangedTable> = options.columns;
  const { actor, log, when } = options;
  const set = [
    ...options.set,
    [table.version, sql`${table.version} + 1`],
    [table.modifiedAt, sql`now()`],
    [table.modifiedBy, sql`${actor}`],
  ] as const;
  const before = db
    .$with("before", columns)
    .as(sql`SELECT * FROM ${table} WHERE ${options.rows} ORDER BY ${table.id} FOR NO KEY UPDATE`);
  // Waiting for a row that somebody else changes, Postgres looks at these conditions again, on the row
  // as it is then (EvalPlanQual): of two changes to one version, the second finds another version.
  const changed = db.$with("changed", columns).as(
    sql`UPDATE ${table}
      SET ${sql.join(
        set.map(([column, value]) => sql`${sql.identifier(column.name)} = ${value}`),
        sql`, `,
      )}
      FROM before
      WHERE ${sql.join([eq(table.id, sql`before.id`), ...when], sql` AND `)}
      RETURNING ${table}.*`,
  );
  const outcome = {
    changed: sql<boolean>`was_changed`.as("was_changed"),
    statusBefore: sql<string>`status_before`.as("status_before"),
    revived: sql<boolean>`was_revived`.as("was_revived"),
  };
  const current = db.$with("current", { ...columns, ...outcome }).as(
    sql`SELECT changed.*, true AS was_changed, before.status AS status_before,
        cardinality(changed.spam_reasons) < cardinality(before.spam_reasons) AS was_revived
      FROM changed JOIN before ON before.id = changed.id
      UNION ALL
      SELECT before.*, false, before.status, false FROM before
      WHERE NOT EXISTS (SELECT FROM changed WHERE changed.id = before.id)`,
  );
  const logged = log === undefined ? [] : [db.$with("logged", {}).as(log)];
  const rows = await retryContention(() =>
    db
      .with(before, changed, ...logged, current)
      .select()
      .from(current),
  );
  return rows.map((answered) => {
    const { changed, statusBefore, revived, ...row } = answered;
    return { row: row as RowOf<C>, changed, statusBefore, revived };
  });
}
