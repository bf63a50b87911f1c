import { sql } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { as, call, database, postJson } from "../support/worker/app.ts";
import { bodyOf, get, patchJson } from "../support/worker/desk.ts";
import {
  aDeletedSubscriber,
  aSubscriber,
  importFile,
  subscribe,
  subscriberOf,
  tokenOf,
} from "../support/worker/subscribers.ts";

interface Held {
  id: string;
  email: string;
  activity: { kind: string; data: Record<string, unknown> }[];
}

const report = (email: string) =>
  bodyOf<{ data: { subscribers: Held[] }; suppressed: boolean }>(
    postJson("/privacy/report", { email }, as("owner")),
  );
const erase = (email: string) =>
  bodyOf<{ erased: { subscribers: number } }>(postJson("/privacy/erase", { email }, as("owner")));

/** Everything the tables hold of subscribers, as text. */
async function everything(): Promise<string> {
  const { rows } = await database().execute<{ dump: string }>(sql`
    SELECT jsonb_agg(t)::text AS dump FROM subscribers AS t
    UNION ALL SELECT jsonb_agg(t)::text FROM subscriber_activity AS t`);
  return rows.map(({ dump }) => dump).join("\n");
}

describe("a report about a subscriber", () => {
  it("holds them however the address is written, with their trail and without a link", async () => {
    const word = crypto.randomUUID();
    const email = `Ada.${word}@Müller.example`;
    const { id } = await aSubscriber({ email, name: "Ada", consent: { wording: "Yes" } });
    const { unsubscribeToken } = await subscriberOf(email);
    const { data } = await report(` ${email.toUpperCase()} `);
    expect(data.subscribers).toMatchObject([
      { id, email, name: "Ada", consent: { wording: "Yes" } },
    ]);
    expect(data.subscribers[0]?.activity).toMatchObject([
      { kind: "join", data: { consent: { wording: "Yes" } } },
    ]);
    expect(JSON.stringify(data)).not.toContain(unsubscribeToken);
    const again = await report(email);
    expect(again.data.subscribers[0]?.activity.map(({ kind }) => kind)).toEqual(["join", "report"]);
  });

  it("finds who had the address before it was corrected, and who is in the bin", async () => {
    const email = `${crypto.randomUUID()}@example.com`;
    const corrected = await aSubscriber({ email });
    await patchJson(`/subscribers/${corrected.id}`, { email: `other.${email}` });
    const binned = await aDeletedSubscriber({ email });
    const { data } = await report(email);
    expect(data.subscribers.map(({ id }) => id)).toEqual([corrected.id, binned.id]);
  });
});

describe("the erasure of a subscriber", () => {
  it("leaves nothing of them, no link that works, and nobody who could be written to", async () => {
    const secret = crypto.randomUUID();
    const email = `${secret}@example.com`;
    await subscribe(
      { email, name: `Ada ${secret}`, consent: { page: `https://x.test/${secret}` } },
      { "idempotency-key": secret },
    );
    const { id } = await subscriberOf(email);
    await patchJson(`/subscribers/${id}`, { name: `Augusta ${secret}` });
    await patchJson(`/subscribers/${id}`, { email: `corrected.${email}` });
    await patchJson(`/subscribers/${id}`, { email });
    const token = await tokenOf(email);

    expect(await erase(email.toUpperCase())).toMatchObject({ erased: { subscribers: 1 } });

    expect(await everything()).not.toContain(secret);
    const remains = await bodyOf(get(`/subscribers/${id}?deleted=true`, "owner"));
    expect(remains).toMatchObject({ email: null, name: null, status: "UNSUBSCRIBED" });
    const click = await call(`/subscribers/unsubscribe?token=${token}`, {
      method: "POST",
      body: new URLSearchParams({ "List-Unsubscribe": "One-Click" }),
    });
    expect(click.status).toBe(400);
    const mailing = await (await get("/subscribers/mailing?format=ndjson", "owner")).text();
    expect(mailing).not.toContain(id);
    expect(await report(email)).toMatchObject({ suppressed: true, data: { subscribers: [] } });
    expect(await erase(email)).toMatchObject({ erased: { subscribers: 0 } });
    const imported = await (await importFile(`email\n${email}`)).text();
    expect(imported).toContain('"subscriber_erased"');
  });

  it("takes the former address out of another's trail, and leaves that one alone", async () => {
    const secret = crypto.randomUUID();
    const { id } = await aSubscriber({ email: `${secret}@example.com`, name: "Eve" });
    const theirs = `${crypto.randomUUID()}@example.com`;
    await patchJson(`/subscribers/${id}`, { email: theirs });
    expect(await erase(`${secret}@example.com`)).toMatchObject({ erased: { subscribers: 0 } });
    expect(await everything()).not.toContain(secret);
    expect(await bodyOf(get(`/subscribers/${id}`))).toMatchObject({
      email: theirs,
      name: "Eve",
      status: "ACTIVE",
    });
  });
});
