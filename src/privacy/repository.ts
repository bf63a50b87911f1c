import { inArray, type SQL, sql } from "drizzle-orm";
import type { Database } from "../db/client.ts";
import { privacyActivity, suppressions } from "../db/schema.ts";
import { mintSnowflake } from "../db/snowflake.ts";
import type { Holder, Subject } from "./holder.ts";
import { inquiryHolder, mentions } from "./inquiries.ts";
import { subscriberHolder } from "./subscribers.ts";

/** Every table that holds personal data. */
const HOLDERS: readonly Holder[] = [inquiryHolder, subscriberHolder];

export interface Held {
  /** By the name of the holder. */
  readonly data: Record<string, unknown[]>;
  readonly mentionedIn: string[];
  readonly suppressed: boolean;
}

/** What remains of who asked for whom. */
export interface Trace {
  /** Under the current key first, then under those that were the current one before. */
  readonly emailHashes: readonly string[];
  /** How much was found outside the database, by the name of the place. */
  readonly elsewhere: Readonly<Record<string, number>>;
}

/** Everything that is held, and a trace of who asked: one transaction, one round trip. */
export async function reportHeld(db: Database, subject: Subject, trace: Trace): Promise<Held> {
  const [suppressed, mentioned, ...reports] = await runAll<{ held: unknown; id: string }>(db, [
    sql`SELECT email_hash AS id FROM ${suppressions} WHERE ${inArray(suppressions.emailHash, [...trace.emailHashes])}`,
    mentions(subject),
    ...HOLDERS.map((holder) => holder.report(subject)),
    logged("report", subject, trace),
    ...HOLDERS.map((holder) => holder.logReport(subject)),
  ]);
  return {
    data: Object.fromEntries(
      HOLDERS.map(({ name }, index) => [name, reports[index]?.map(({ held }) => held) ?? []]),
    ),
    mentionedIn: mentioned?.map(({ id }) => id) ?? [],
    suppressed: (suppressed?.length ?? 0) > 0,
  };
}

/** The ids of what an erasure would erase now. */
export async function findHeld(db: Database, subject: Subject): Promise<string[]> {
  const found = await runAll<{ id: string }>(
    db,
    HOLDERS.map((holder) => holder.ids(subject)),
  );
  return found.flat().map(({ id }) => id);
}

/**
 * Erases everything that is held and leaves the hash: one transaction, one round trip.
 * @returns the ids that were erased, by holder
 */
export async function eraseHeld(
  db: Database,
  subject: Subject,
  trace: Trace,
): Promise<Map<Holder, string[]>> {
  const erasures = HOLDERS.map((holder) => ({ holder, statements: holder.erase(subject) }));
  const results = await runAll<{ id: string }>(db, [
    sql`INSERT INTO ${suppressions} (email_hash) VALUES (${trace.emailHashes[0]}) ON CONFLICT DO NOTHING`,
    logged("erase", subject, trace),
    ...erasures.flatMap(({ statements }) => statements),
  ]);
  let last = 1;
  return new Map(
    erasures.map(({ holder, statements }) => {
      last += statements.length;
      return [holder, results[last]?.map(({ id }) => id) ?? []];
    }),
  );
}

/** Before anything is erased: afterwards nobody could say how much it was. */
function logged(
  kind: "report" | "erase",
  subject: Subject,
  { emailHashes, elsewhere }: Trace,
): SQL {
  const counts = HOLDERS.map((holder) => sql`${holder.name}::text, (${holder.count(subject)})`);
  return sql`INSERT INTO ${privacyActivity} (id, kind, email_hash, actor, found)
    VALUES (${mintSnowflake(subject.nodeId)}, ${kind}, ${emailHashes[0]}, ${subject.actor},
      jsonb_build_object(${sql.join(counts, sql`, `)}) || ${JSON.stringify(elsewhere)}::jsonb)`;
}

/** Statements in one transaction. @returns the rows of each */
async function runAll<Row>(db: Database, statements: readonly SQL[]): Promise<Row[][]> {
  const [first, ...others] = statements.map((statement) => db.execute(statement));
  if (first === undefined) return [];
  const results = await db.batch([first, ...others]);
  return results.map(({ rows }) => rows as Row[]);
}
