/**
 * `npm run seed:demo`: fills the running system over its own HTTP API, as visitors and staff would,
 * then moves what came in over the last weeks: the API has no way to say that something arrived
 * earlier, and should not have one.
 */
import { neon } from "@neondatabase/serverless";
import { createRandom, inParallel, mailboxOf } from "./demo-random.ts";
import { NOTES, PEOPLE, SOURCES, SPAM, TEXTS } from "./demo-texts.ts";
import { readRunning, resolveDataDir } from "./running.ts";
import { seedSubscribers } from "./seed-subscribers.ts";
import { signIn } from "./sign-in.ts";

const INQUIRIES = 180;
const DAYS = 35;

interface Inquiry {
  id: string;
  status: string;
  version: number;
}

const { random, pick } = createRandom(20_261_122);

const dataDir = resolveDataDir();
const running = readRunning(dataDir);
if (!running) throw new Error("Nothing is running here. Start it with npm start.");
const api = `${running.url}/v1/api/outreach`;

async function tokenOf(user: string): Promise<string> {
  const { issuer, clientId, url } = running as NonNullable<typeof running>;
  const tokens = await signIn({ issuer, clientId, redirectUri: `${url}/signed-in`, user });
  return tokens.accessToken;
}

/** A visitor of their own: limits count by address, and these come from all over the world. */
function visitor(index: number): Record<string, string> {
  return {
    "cf-connecting-ip": `203.0.${113 + (index >> 8)}.${index & 255}`,
    "content-type": "application/json",
  };
}

async function submit(index: number): Promise<string> {
  const [name, , country] = pick(PEOPLE);
  const isSpam = random() < 0.09;
  const text = pick(isSpam ? SPAM : TEXTS);
  const response = await fetch(`${api}/inquiries/submit`, {
    method: "POST",
    headers: { ...visitor(index), "cf-ipcountry": country, "idempotency-key": crypto.randomUUID() },
    body: JSON.stringify({
      name,
      email: `${mailboxOf(name)}@example.com`,
      message: text.message,
      locale: text.locale,
      source: pick(SOURCES),
      ...(text.subject !== undefined && { subject: text.subject }),
      ...(random() < 0.4 && { phone: `+44 20 7946 0${100 + Math.floor(random() * 900)}` }),
      ...(random() < 0.2 && { metadata: { order: String(20_000 + Math.floor(random() * 900)) } }),
    }),
  });
  if (response.status !== 201) throw new Error(`submit answered ${response.status}`);
  return ((await response.json()) as { id: string }).id;
}

const [owner, employee] = await Promise.all([tokenOf("OWNER"), tokenOf("EMPLOYEE")]);

/** One call at the desk. */
async function desk<T>(token: string, method: string, path: string, body?: unknown): Promise<T> {
  const response = await fetch(`${api}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}`);
  return (await response.json().catch(() => undefined)) as T;
}

async function work(id: string, age: number): Promise<void> {
  const token = random() < 0.6 ? employee : owner;
  const assignee = token === employee ? "emil" : "olivia";
  const inquiry = await desk<Inquiry>(token, "GET", `/inquiries/${id}`);
  if (inquiry.status !== "NEW") return;
  const set = (status: string) => desk(token, "PATCH", `/inquiries/${id}`, { status });
  // What is older is more likely to be done with.
  const progress = random() * 0.5 + age;
  if (progress < 0.35) return;
  if (random() < 0.05) return void (await set("CANCELLED"));
  await desk(token, "PATCH", `/inquiries/${id}`, { status: "IN_PROGRESS", assignee });
  if (random() < 0.5) {
    await desk(token, "POST", `/inquiries/${id}/activity`, { note: pick(NOTES) });
  }
  if (progress > 0.6) await set("RESOLVED");
  if (random() < 0.02) await desk(owner, "DELETE", `/inquiries/${id}`);
}

const ids: string[] = [];
await inParallel(INQUIRIES, async (index) => {
  ids[index] = await submit(index);
});
// In the order of their ids, which is the list's.
ids.sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
await inParallel(INQUIRIES, (index) => work(ids[index] as string, 1 - index / INQUIRIES));
await spread(ids);
const { joined, left } = await seedSubscribers(running, dataDir);
console.log(
  `${INQUIRIES} inquiries and ${joined} subscribers, ${left} of whom left, are on the desk: ${running.url}`,
);

/** Gives them times over the last weeks, in working hours mostly, none in the future. */
async function spread(sorted: readonly string[]): Promise<void> {
  const { databaseHttpEndpoint } = running as NonNullable<typeof running>;
  const { neonConfig } = await import("@neondatabase/serverless");
  neonConfig.fetchEndpoint = databaseHttpEndpoint;
  const sql = neon("postgres://outreach:outreach@localhost/outreach");
  const now = Date.now();
  const times = sorted
    .map((_, index) => {
      // The newest few are of this very hour.
      if (index >= sorted.length - 6) return now - (sorted.length - index) * 7 * 60_000;
      const day = Math.floor(random() ** 1.15 * DAYS);
      const hour = 7 + (random() + random()) * 6.5;
      const at = new Date(now - day * 86_400_000);
      at.setHours(0, 0, 0, 0);
      const time = at.getTime() + hour * 3_600_000;
      return Math.min(time, now - 3_600_000 - random() * 3_600_000);
    })
    .sort((a, b) => a - b)
    .map((time) => new Date(time).toISOString());
  const delays = sorted.map(() => Math.round(60 * 3 + random() ** 3 * 86_400 * 1.5));
  await sql.query(
    `UPDATE inquiries SET submitted_at = t.at, created_at = t.at,
       first_handled_at = CASE WHEN first_handled_at IS NULL THEN NULL
         ELSE least(now(), t.at + t.delay * interval '1 second') END
     FROM unnest($1::bigint[], $2::timestamptz[], $3::int[]) AS t (id, at, delay)
     WHERE inquiries.id = t.id`,
    [[...sorted], times, delays],
  );
}
