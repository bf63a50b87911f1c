import { type SQL, sql } from "drizzle-orm";
import type { Database } from "../db/client.ts";
import { retryContention } from "../db/errors.ts";
import { type Consent, subscribers, suppressions } from "../db/schema.ts";
import { mintSnowflake } from "../db/snowflake.ts";
import type { Deps } from "../deps.ts";

/** What an erasure may have left of an address, under every key that was in use. */
export function hashesOfErased(
  { signer }: Pick<Deps, "signer">,
  emailKey: string,
): Promise<string[]> {
  return signer.signUnderEach("suppression", emailKey);
}

/** Somebody to be put on the list by staff. */
export interface NewSubscriber {
  /** Tells the outcomes apart. */
  readonly line: number;
  readonly email: string;
  readonly emailKey: string;
  /** Of the address, under every key that may have signed one. */
  readonly suppressionHashes: readonly string[];
  readonly name?: string | undefined;
  readonly source?: string | undefined;
  readonly locale?: string | undefined;
  readonly consent?: Consent | undefined;
  /** RFC 3339. */
  readonly subscribedAt: string;
}

export const OUTCOMES = [
  "added",
  "subscriber_active",
  "subscriber_unsubscribed",
  "subscriber_in_bin",
  "subscriber_erased",
] as const;

export interface Outcome {
  readonly line: number;
  readonly outcome: (typeof OUTCOMES)[number];
  /** Who has the address, if it is known. */
  readonly id: string | null;
}

/**
 * Puts those on the list whose address is neither known nor was erased, and says of each what became of
 * it: one statement. Nobody who left comes back by it. In the order of addresses, so that two files
 * cannot lock each other out; an address that somebody else is adding at this moment counts as active.
 * @param options.dryRun only says what would become of each
 */
export async function addSubscribers(
  db: Database,
  options: {
    nodeId: number;
    actor: string;
    people: readonly NewSubscriber[];
    dryRun?: boolean;
  },
): Promise<Outcome[]> {
  const { nodeId, actor, people, dryRun = false } = options;
  const given = people.map(({ emailKey, suppressionHashes, subscribedAt, ...person }) => ({
    ...person,
    email_key: emailKey,
    hashes: suppressionHashes,
    subscribed_at: subscribedAt,
  }));
  const newcomers = sql`FROM given AS g
    WHERE NOT EXISTS (SELECT FROM known WHERE known.line = g.line)
      AND NOT EXISTS (SELECT FROM erased WHERE erased.line = g.line)`;
  const added: SQL = dryRun
    ? sql`SELECT NULL::bigint AS id, g.email_key ${newcomers}`
    : sql`INSERT INTO ${subscribers} (id, email, email_key, name, unsubscribe_token, source, locale,
          consent, subscribed_at, created_by, modified_by)
        SELECT ${mintSnowflake(nodeId)}, g.email, g.email_key, g.name, ${mintSnowflake(nodeId)},
          g.source, g.locale, g.consent, g.subscribed_at, ${actor}, ${actor}
        ${newcomers} ORDER BY g.email_key
        ON CONFLICT (email_key) DO NOTHING RETURNING id, email_key`;
  const { rows } = await retryContention(() =>
    db.execute<Record<keyof Outcome, string>>(sql`
      WITH given AS (
        SELECT * FROM jsonb_to_recordset(${JSON.stringify(given)}::jsonb) AS given(line int,
          email text, email_key text, hashes jsonb, name text, source text, locale text,
          consent jsonb, subscribed_at timestamptz)
      ), known AS (
        SELECT given.line, s.id, CASE
            WHEN s.deleted_at IS NOT NULL THEN 'subscriber_in_bin'
            WHEN s.status = 'ACTIVE' THEN 'subscriber_active'
            ELSE 'subscriber_unsubscribed'
          END AS outcome
        FROM given JOIN ${subscribers} AS s ON s.email_key = given.email_key
      ), erased AS (
        SELECT line FROM given WHERE EXISTS (
          SELECT FROM ${suppressions}
          WHERE email_hash IN (SELECT jsonb_array_elements_text(given.hashes)))
      ), added AS (${added})
      SELECT g.line, coalesce(a.id, k.id) AS id, coalesce(k.outcome, CASE
          WHEN e.line IS NOT NULL THEN 'subscriber_erased'
          WHEN a.email_key IS NULL THEN 'subscriber_active'
          ELSE 'added'
        END) AS outcome
      FROM given AS g
        LEFT JOIN known AS k ON k.line = g.line
        LEFT JOIN erased AS e ON e.line = g.line
        LEFT JOIN added AS a ON a.email_key = g.email_key
      ORDER BY g.line`),
  );
  return rows.map(({ line, outcome, id }) => ({
    line: Number(line),
    outcome: outcome as Outcome["outcome"],
    id,
  }));
}
