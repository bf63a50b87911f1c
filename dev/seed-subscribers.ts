import { readFileSync } from "node:fs";
import { join } from "node:path";
import { neon, neonConfig } from "@neondatabase/serverless";
import { createRandom, inParallel, mailboxOf } from "./demo-random.ts";
import { PEOPLE } from "./demo-texts.ts";
import type { Running } from "./running.ts";
import { unsubscribeToken } from "./unsubscribe-token.ts";

const SUBSCRIBERS = 160;
const DAYS = 120;
const WORDING = "Send me the newsletter. I can leave at any time.";
const FORMS = [
  ["footer", "/"],
  ["footer", "/workshops"],
  ["checkout", "/checkout"],
  ["newsletter", "/newsletter"],
] as const;

/**
 * Signs people up as visitors would, lets some of them leave by their links, and moves both into the
 * last months.
 * @returns how many there are, and how many of them left
 */
export async function seedSubscribers(
  running: Running,
  dataDir: string,
): Promise<{ joined: number; left: number }> {
  const { random, pick } = createRandom(20_261_123);
  const api = `${running.url}/v1/api/outreach/subscribers`;
  neonConfig.fetchEndpoint = running.databaseHttpEndpoint;
  const sql = neon("postgres://outreach:outreach@localhost/outreach");
  const key = Buffer.from(readFileSync(join(dataDir, "signing-key"), "utf8"), "base64");

  async function post(path: string, address: string, body: unknown): Promise<void> {
    const response = await fetch(`${api}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", "cf-connecting-ip": address },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path} answered ${response.status}`);
  }

  const rowsOf = (emails: readonly string[]) =>
    sql.query(
      "SELECT id, email, unsubscribe_token FROM subscribers WHERE email = ANY($1::text[])",
      [emails],
    );
  const everybody = Array.from({ length: SUBSCRIBERS }, (_, index) => {
    const [name, locale] = PEOPLE[index % PEOPLE.length] as (typeof PEOPLE)[number];
    const round = Math.floor(index / PEOPLE.length);
    const [source, page] = pick(FORMS);
    const spam = random() < 0.04;
    return {
      body: {
        email: `${mailboxOf(name)}${round === 0 ? "" : round + 1}@example.${pick(["com", "org", "net"])}`,
        locale,
        source,
        consent: { page: `https://www.example.com${page}`, wording: WORDING },
        ...(random() < 0.6 && { name }),
        ...(spam && { _gotcha: "https://example.net/win" }),
      },
      // Later sign-ups are more: the newsletter grows. Some leave after a letter or two.
      daysAgo: Math.floor(random() ** 1.4 * DAYS) + random(),
      daysStayed: !spam && random() < 0.2 ? 3 + random() * 40 : undefined,
    };
  });

  // Who is on the list since an earlier run stays as they are.
  const known = await rowsOf(everybody.map(({ body }) => body.email));
  const knownEmails = new Set(known.map((row) => String(row["email"])));
  const people = everybody
    .filter(({ body }) => !knownEmails.has(body.email))
    // Nearly in the order of their days, as the list by ids should be.
    .sort((a, b) => b.daysAgo - a.daysAgo);

  await inParallel(people.length, async (index) => {
    const address = `198.51.${100 + (index >> 8)}.${index & 255}`;
    await post("/subscribe", address, people[index]?.body);
  });
  const rows = await rowsOf(people.map(({ body }) => body.email));
  const rowOf = new Map(rows.map((row) => [String(row["email"]), row]));
  const leavers = people.filter((each) => (each.daysStayed ?? Infinity) < each.daysAgo);
  await inParallel(leavers.length, async (index) => {
    const row = rowOf.get(leavers[index]?.body.email ?? "");
    const token = unsubscribeToken(key, String(row?.["unsubscribe_token"]));
    await post("/unsubscribe", "198.51.100.1", { token });
  });

  const day = 86_400_000;
  const times = people.map(({ daysAgo, daysStayed = 0 }) => {
    const joined = Date.now() - daysAgo * day;
    return [joined, Math.min(Date.now(), joined + daysStayed * day)].map((time) =>
      new Date(time).toISOString(),
    );
  });
  const moved = [
    people.map(({ body }) => rowOf.get(body.email)?.["id"]),
    times.map(([joined]) => joined),
    times.map(([, left]) => left),
  ];
  const moves =
    "unnest($1::bigint[], $2::timestamptz[], $3::timestamptz[]) AS t (id, joined, left_at)";
  await sql.transaction([
    sql.query(
      `UPDATE subscribers AS s SET subscribed_at = t.joined, created_at = t.joined,
         consent = s.consent || jsonb_build_object('at',
           to_char(t.joined AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')),
         unsubscribed_at = CASE WHEN unsubscribed_at IS NULL THEN NULL ELSE t.left_at END
       FROM ${moves} WHERE s.id = t.id`,
      moved,
    ),
    // The counts follow what is appended to the trail and what is taken away, not what is changed.
    sql.query(
      `WITH gone AS (DELETE FROM subscriber_activity AS a USING ${moves}
         WHERE a.subscriber_id = t.id RETURNING a.*, t.joined, t.left_at)
       INSERT INTO subscriber_activity (id, subscriber_id, kind, change, actor, data, created_at)
       SELECT snowflake(10), subscriber_id, kind, change, actor, data,
         CASE kind WHEN 'leave' THEN left_at ELSE joined END
       FROM gone ORDER BY id`,
      moved,
    ),
  ]);
  return { joined: people.length, left: leavers.length };
}
