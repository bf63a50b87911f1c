import type { SQL } from "drizzle-orm";

/** Whose data, and who asks. */
export interface Subject {
  /** Its spellings, of `db/email-key.ts`. */
  readonly emails: readonly string[];
  /** The normal form, of `db/email-key.ts`. */
  readonly emailKey: string;
  readonly actor: string;
  readonly nodeId: number;
}

/**
 * A place that holds personal data. All of them are asked in one transaction; a new one is a file like
 * `inquiries.ts` and a line in `repository.ts`.
 */
export interface Holder {
  /** As the report names it. */
  readonly name: string;
  /** A SELECT of one number: how many it holds. */
  count(subject: Subject): SQL;
  /** A SELECT of one row a thing held, with one column, `held`: everything about it, as jsonb. */
  report(subject: Subject): SQL;
  /** Logs that it was reported, where it keeps a log of its own. */
  logReport(subject: Subject): SQL;
  /** A SELECT of the `id` of everything that `erase` would erase now. */
  ids(subject: Subject): SQL;
  /** Statements that leave nothing; the last selects the `id` of everything that was erased. */
  erase(subject: Subject): readonly SQL[];
  /** What the observers of a room are told of each. */
  readonly event: {
    readonly room: "inquiries" | "subscribers";
    readonly type: string;
    /** What the log calls their ids. */
    readonly about: string;
  };
}

/** A place outside the database that holds personal data for a while. */
export interface Elsewhere {
  /** As the report names it. */
  readonly name: string;
  /** What it holds that no table does. @throws when it cannot be reached */
  report(subject: Subject): Promise<unknown[]>;
  /**
   * Leaves nothing. Safe to repeat.
   * @param ids of everything that the holders erase
   * @returns how much it held
   * @throws when it cannot be reached, or not all of it
   */
  erase(subject: Subject, ids: readonly string[]): Promise<number>;
}
