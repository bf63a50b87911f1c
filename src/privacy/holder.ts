import type { SQL } from "drizzle-orm";

/** Whose data, and who asks. */
export interface Subject {
  /** In lower case: as typed, and in its normal form. */
  readonly emails: readonly string[];
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
