import { neon, neonConfig } from "@neondatabase/serverless";
import { PEOPLE } from "./demo-texts.ts";

const SUBSCRIBERS = 460;
const DAYS = 330;
const LEAVERS = 0.13;
const SIGN_UPS = 9;
const BATCH = 8;
const DAY_MS = 86_400_000;
const WORDING = "Write to me about new pieces and workshops, six times a year.";
const PAGE = "https://www.example.com/newsletter";

export interface Seeding {
  /** Of the running system, with the path of its API. */
  api: string;
  /** A token of an OWNER. */
  owner: string;
  databaseHttpEndpoint: string;
  random: () => number;
  pick: <T>(list: readonly T[]) => T;
  /** Headers of a visitor of their own. */
  visitor: (index: number) => Record<string, string>;
}

/** A list that has grown for most of a year: a file, some who left, and the last few who signed up. */
export async function seedSubscribers(seeding: Seeding): Promise<number> {
  const { api, owner, random, pick, visitor } = seeding;
  const people = Array.from({ length: SUBSCRIBERS + SIGN_UPS }, () => {
    const [given = "", locale = "en"] = pick(PEOPLE);
    const [other = ""] = pick(PEOPLE);
    return { name: `${given.split(" ")[0]} ${other.split(" ").slice(1).join(" ")}`, locale };
  });
  const lines = people
    .slice(0, SUBSCRIBERS)
    .map(({ name, locale }, index) => {
      // More of them lately, as lists grow.
      const age = (1 + random() ** 1.6 * DAYS) * DAY_MS;
      const subscribedAt = new Date(Date.now() - age).toISOString();
      const source = pick(["footer", "footer", "contact-page", "fair-2026", "workshops"]);
      const consent = random() < 0.85 && { consentAt: subscribedAt, consentPage: PAGE };
      return {
        email: mailbox(name, index),
        ...(random() < 0.8 && { name }),
        locale,
        source,
        subscribedAt,
        ...(consent && { ...consent, consentWording: WORDING }),
      };
    })
    .sort((a, b) => (a.subscribedAt < b.subscribedAt ? -1 : 1));
  // One after the other, so that their ids are in the order of their days.
  for (let at = 0; at < lines.length; at += BATCH) {
    const imported = await fetch(`${api}/subscribers/import`, {
      method: "POST",
      headers: { authorization: `Bearer ${owner}`, "content-type": "application/x-ndjson" },
      body: lines
        .slice(at, at + BATCH)
        .map((line) => JSON.stringify(line))
        .join("\n"),
    });
    if (!imported.ok) throw new Error(`the import answered ${imported.status}`);
    await imported.text();
  }
  await leave(seeding);
  for (const [index, { name, locale }] of people.slice(SUBSCRIBERS).entries()) {
    const answer = await fetch(`${api}/subscribers/subscribe`, {
      method: "POST",
      headers: visitor(400 + index),
      body: JSON.stringify({
        email: mailbox(name, SUBSCRIBERS + index),
        name,
        locale,
        source: "footer",
        consent: { page: PAGE, wording: WORDING },
      }),
    });
    if (!answer.ok) throw new Error(`subscribe answered ${answer.status}`);
    await answer.text();
  }
  return SUBSCRIBERS + SIGN_UPS;
}

/** No two the same, nobody's: example.com belongs to no one (RFC 2606). */
function mailbox(name: string, index: number): string {
  const plain = name
    .replaceAll("ø", "o")
    .replaceAll("ı", "i")
    .normalize("NFD")
    .replaceAll(/[^A-Za-z ]/g, "")
    .toLowerCase();
  return `${plain.replaceAll(" ", ".")}.${index + 1}@example.com`;
}

/** Leaving is always now; that some left long ago only the database can be told. */
async function leave({ databaseHttpEndpoint, random }: Seeding): Promise<void> {
  neonConfig.fetchEndpoint = databaseHttpEndpoint;
  const sql = neon("postgres://outreach:outreach@localhost/outreach");
  const rows = await sql.query(
    "SELECT id::text, subscribed_at FROM subscribers WHERE status = 'ACTIVE' ORDER BY id",
  );
  const leavers = rows.filter(() => random() < LEAVERS);
  const times = leavers.map(({ subscribed_at: at }) => {
    const since = Date.parse(String(at));
    return new Date(since + (Date.now() - since) * (0.15 + random() * 0.85)).toISOString();
  });
  await sql.query(
    `UPDATE subscribers SET status = 'UNSUBSCRIBED', unsubscribed_at = t.at,
       modified_at = t.at, modified_by = NULL, version = version + 1
     FROM unnest($1::bigint[], $2::timestamptz[]) AS t (id, at)
     WHERE subscribers.id = t.id`,
    [leavers.map(({ id }) => id), times],
  );
}
