import { describe, expect, it } from "vitest";
import { bodyOf, get } from "../support/worker/desk.ts";
import { watchNetwork } from "../support/worker/network.ts";

interface Statement {
  query: string;
  params: (string | null)[];
}

/** Rows that are there for the length of one transaction, so that indexes are worth their while. */
const ROWS = 3_000;
const CROWD: Readonly<Record<string, string>> = {
  inquiries: `INSERT INTO inquiries (id, name, email, message, submission_key, content_hash, submitted_at)
    SELECT n, 'Name ' || n, 'crowd' || n || '@example.com', repeat('what they wrote ', 12), 'crowd ' || n, '', now()
    FROM generate_series(1, ${ROWS}) AS n`,
  subscribers: `INSERT INTO subscribers (id, name, email, email_key, unsubscribe_token, subscribed_at)
    SELECT n, repeat('what they wrote ', 12) || n, 'crowd' || n || '@example.com', 'crowd' || n || '@example.com', n, now()
    FROM generate_series(1, ${ROWS}) AS n`,
};
const LEAVES: Readonly<Record<string, string[]>> = {
  inquiries: [`DELETE FROM inquiries WHERE id <= ${ROWS}`],
  subscribers: [
    `DELETE FROM subscriber_activity WHERE subscriber_id <= ${ROWS}`,
    `DELETE FROM subscribers WHERE id <= ${ROWS}`,
  ],
};

interface Asked {
  readonly url: string;
  readonly headers: Headers;
  readonly queries: readonly Statement[];
}

/** What the Worker asks the database for a rare word, in one transaction. */
async function searchOf(table: string): Promise<Asked> {
  let asked: Asked | undefined;
  watchNetwork(async (request) => {
    const { url, headers } = request;
    const text = await request.clone().text();
    if (/"queries":.*ilike/i.test(text)) asked = { url, headers, ...JSON.parse(text) };
    return undefined;
  });
  await bodyOf(get(`/${table}?q=rarest-of-words`, "employee"));
  if (asked === undefined) throw new Error("nothing was searched for");
  return asked;
}

/** How Postgres would do the last of what was asked if there were a crowd, with what was set before it. */
async function planOf(table: string, { url, headers, queries }: Asked): Promise<string> {
  const last = queries.at(-1) as Statement;
  const explained = [...queries.slice(0, -1), { ...last, query: `EXPLAIN ${last.query}` }];
  const crowd = [CROWD[table] ?? "", `ANALYZE ${table}`].map(statement);
  const all = [...crowd, ...explained, ...(LEAVES[table] ?? []).map(statement)];
  const answer = await fetch(url, {
    method: "POST",
    headers,
    body: JSON.stringify({ queries: all }),
  });
  const { results } = await answer.json<{ results: { rows: string[][] }[] }>();
  return results[crowd.length + queries.length - 1]?.rows.flat().join("\n") ?? "";
}

const statement = (query: string): Statement => ({ query, params: [] });

describe.each(["inquiries", "subscribers"])("the search for %s", (table) => {
  it("finds a rare word among three thousand rows by the search index", async () => {
    const plan = await planOf(table, await searchOf(table));
    expect(plan).toContain(`Bitmap Index Scan on ${table}_search_index`);
  });
});
