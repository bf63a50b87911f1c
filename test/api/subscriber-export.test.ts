import { sql } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { database } from "../support/worker/app.ts";
import { codeOf, get, patchJson } from "../support/worker/desk.ts";
import { aSubscriber, importFile, subscriberOf } from "../support/worker/subscribers.ts";

const linesOf = (text: string) => text.split("\n").filter((line) => line !== "");

describe("the export of subscribers", () => {
  it("holds every status, with what was agreed to", async () => {
    const source = crypto.randomUUID();
    const left = await aSubscriber({ source });
    await patchJson(`/subscribers/${left.id}`, { status: "UNSUBSCRIBED" });
    await aSubscriber({ source, consent: { page: "stand 7", wording: 'Say "yes", please' } });
    const answer = await get(`/subscribers/export?source=${source}&order=oldest`, "owner");
    expect(answer.headers.get("content-disposition")).toMatch(/"subscribers-[\d-]{10}\.csv"$/);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    const records = new TextDecoder().decode(await answer.bytes()).split("\r\n");
    expect(records[0]).toMatch(/^id,status,email,name,.*,consentAt,consentPage,consentWording$/);
    expect(records[1]).toContain(`${left.id},UNSUBSCRIBED,`);
    expect(records[2]).toMatch(/,stand 7,"Say ""yes"", please"$/);
    expect(records).toHaveLength(4);
  });

  it("neutralises what a spreadsheet would run, and the import takes that back", async () => {
    const source = crypto.randomUUID();
    const formulas = ["=1+1", "+1", "-1", "@SUM(A1)", "＝1"];
    for (const name of formulas) await aSubscriber({ source, name });
    const { email } = await aSubscriber({ source, email: `+${source}@example.com` });
    const text = await (await get(`/subscribers/export?source=${source}`, "owner")).text();
    for (const cell of [...formulas, email]) expect(text).toContain(`,'${cell},`);
    expect(text).not.toMatch(/(^|,|")[=+@-]/m);
    const report = await importFile(text, { query: "?dryRun=true" });
    expect(
      linesOf(await report.text())
        .map((line) => JSON.parse(line))
        .at(-1),
    ).toMatchObject({
      skippedByCode: { subscriber_active: 6 },
    });
  });

  it("holds each once over several pages", async () => {
    const source = crypto.randomUUID();
    await database().execute(sql`INSERT INTO subscribers
      (id, email, email_key, source, unsubscribe_token, subscribed_at)
      SELECT snowflake(10), ${source} || n || '@x.test', ${source} || n || '@x.test', ${source},
        snowflake(10), now()
      FROM generate_series(1, 1200) AS n`);
    const answer = await get(`/subscribers/export?format=ndjson&source=${source}`, "owner");
    const ids = linesOf(await answer.text()).map((line) => JSON.parse(line).id as string);
    expect(new Set(ids).size).toBe(1200);
    expect(ids).toHaveLength(1200);
  });

  it("is for who may export", async () => {
    expect(await codeOf(get("/subscribers/export", "employee"), 403)).toBe("forbidden");
  });
});

describe("the mailing list", () => {
  /** The recipients with an address of this domain. */
  async function recipients(domain: string) {
    const answer = await get("/subscribers/mailing?format=ndjson", "owner");
    expect(answer.headers.get("cache-control")).toBe("no-store");
    return linesOf(await answer.text())
      .map((line) => JSON.parse(line) as Record<string, string>)
      .filter(({ email }) => email?.endsWith(domain));
  }

  it("holds who is ACTIVE and nobody else, with a link and both headers", async () => {
    const domain = `@${crypto.randomUUID()}.test`;
    const [ada, left, binned] = [
      await aSubscriber({ email: `ada${domain}`, name: "Ada", locale: "en-GB" }),
      await aSubscriber({ email: `left${domain}` }),
      await aSubscriber({ email: `binned${domain}` }),
    ];
    await patchJson(`/subscribers/${left.id}`, { status: "UNSUBSCRIBED" });
    await database().execute(
      sql`UPDATE subscribers SET deleted_at = now() WHERE id = ${binned.id}`,
    );
    const { unsubscribeToken } = await subscriberOf(ada.email ?? "");
    const [recipient, ...others] = await recipients(domain);
    expect(others).toEqual([]);
    const url = recipient?.["unsubscribeUrl"] ?? "";
    expect(recipient).toEqual({
      id: ada.id,
      email: ada.email,
      name: "Ada",
      locale: "en-GB",
      unsubscribeUrl: expect.stringMatching(
        new RegExp(
          `^https?://[^/]+/v1/api/outreach/subscribers/unsubscribe\\?token=${unsubscribeToken}\\.[\\w-]{43}$`,
        ),
      ),
      listUnsubscribe: `<${url}>`,
      listUnsubscribePost: "List-Unsubscribe=One-Click",
    });
  });

  it("is CSV as well, for who may mail alone", async () => {
    await aSubscriber();
    const answer = await get("/subscribers/mailing", "owner", { accept: "text/csv" });
    const [header] = (await answer.text()).split("\r\n");
    expect(header).toBe("id,email,name,locale,unsubscribeUrl,listUnsubscribe,listUnsubscribePost");
    expect(await codeOf(get("/subscribers/mailing", "employee"), 403)).toBe("forbidden");
  });
});
