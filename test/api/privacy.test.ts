import { sql } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { as, database, postJson } from "../support/worker/app.ts";
import {
  aDeletedInquiry,
  anInquiry,
  bodyOf,
  codeOf,
  get,
  patchJson,
  trailOf,
} from "../support/worker/desk.ts";

interface Report {
  suppressed: boolean;
  mentionedIn: string[];
  data: { inquiries: { id: string; activity: { kind: string }[] }[] };
}

const report = (email: string) =>
  bodyOf<Report>(postJson("/privacy/report", { email }, as("owner")));
const erase = (email: string) => bodyOf(postJson("/privacy/erase", { email }, as("owner")));

/** Everything any table holds, as text. */
async function everything(): Promise<string> {
  const tables = ["inquiries", "inquiry_activity", "suppressions", "privacy_activity"];
  const dumps = tables.map(async (table) => {
    const { rows } = await database().execute(
      sql`SELECT coalesce(jsonb_agg(t)::text, '') AS dump FROM ${sql.identifier(table)} AS t`,
    );
    return String(rows[0]?.["dump"]);
  });
  return (await Promise.all(dumps)).join("\n");
}

describe("a privacy report", () => {
  it("holds all inquiries of an address however it is written, deleted ones too, with their trail", async () => {
    const word = crypto.randomUUID();
    const email = `Ada.${word}@Example.com`;
    const { id } = await anInquiry({ email, metadata: { company: "Harbour" } });
    const binned = await aDeletedInquiry({ email: email.toLowerCase() });
    const corrected = await anInquiry({ email });
    await patchJson(`/inquiries/${corrected.id}`, { email: `other.${word}@example.com` });
    const mention = await anInquiry({ message: `Write to ${email.toUpperCase()} instead` });
    const { data, ...held } = await report(` ${email.toUpperCase()} `);
    expect(data.inquiries.map((inquiry) => inquiry.id)).toEqual([id, binned.id, corrected.id]);
    expect(data.inquiries[0]).toMatchObject({
      name: "Ada Byron",
      metadata: { company: "Harbour" },
    });
    expect(data.inquiries[1]?.activity.map(({ kind }) => kind)).toEqual(["create", "delete"]);
    expect(held).toMatchObject({ suppressed: false, mentionedIn: [mention.id] });
    expect((await trailOf(id))[0]).toMatchObject({ kind: "report", actor: "olivia" });
  });
});

describe("an erasure", () => {
  it.each([
    ["ada@bu\u0308cher.example", "ada@b\u00fccher.example"],
    ["ada@b\u00fccher.example", "ada@xn--bcher-kva.example"],
    ["ada@example。com", "ada@example.com"],
    ["ada＠ｅｘａｍｐｌｅ.com", "ada@example.com"],
    ["ΝΙΚΟΣ@example.gr", "ΝΙΚΟΣ@example.gr"],
    ["ΝΙΚΟΣ@example.gr", "νικος@example.gr"],
  ])("finds what came from %s by %s", async (typed, asked) => {
    const one = crypto.randomUUID();
    await anInquiry({ email: `${one}.${typed}` });
    expect(await erase(`${one}.${asked}`)).toMatchObject({ erased: { inquiries: 1 } });
  });

  it("leaves nothing of a person but a keyed hash, and changes no count", async () => {
    const secret = crypto.randomUUID();
    const email = `${secret}@example.com`;
    const personal = {
      email,
      name: `Name ${secret}`,
      phone: secret.slice(0, 30),
      subject: secret,
      message: secret,
      metadata: { company: secret },
    };
    const { id } = await anInquiry(personal);
    const binned = await aDeletedInquiry(personal);
    await patchJson(`/inquiries/${id}`, { name: `Changed ${secret}`, status: "IN_PROGRESS" });
    await postJson(
      `/inquiries/${id}/activity`,
      { note: `Called ${secret}` },
      { ...as("employee"), "idempotency-key": `note-${secret}` },
    );
    const submitted = await postJson("/inquiries/submit", {
      ...personal,
      message: `again ${secret}`,
    });
    expect(submitted.status).toBe(201);
    const corrected = await anInquiry({ email });
    await patchJson(`/inquiries/${corrected.id}`, { email: "someone.else@example.com" });
    const counts = await bodyOf(get("/inquiries/count"));

    expect(await erase(email.toUpperCase())).toMatchObject({ erased: { inquiries: 3 } });

    expect(await everything()).not.toContain(secret);
    expect(await bodyOf(get("/inquiries/count"))).toEqual(counts);
    const remains = await bodyOf(get(`/inquiries/${id}`));
    expect(remains).toMatchObject({
      status: "IN_PROGRESS",
      email: null,
      phone: null,
      metadata: {},
    });
    expect((await trailOf(id)).map(({ kind }) => kind)).toEqual([
      "erase",
      "note",
      "edit",
      "create",
    ]);
    expect((await trailOf(binned.id, "owner", "?deleted=true"))[0]?.kind).toBe("erase");
    expect(await bodyOf(get(`/inquiries/${corrected.id}`))).toMatchObject({
      email: "someone.else@example.com",
    });
    expect(await report(email)).toMatchObject({ suppressed: true, data: { inquiries: [] } });
    expect(await erase(email)).toMatchObject({ erased: { inquiries: 0 } });
  });

  it("is logged with who did it, also when there was nothing", async () => {
    const { rows: before } = await database().execute(sql`SELECT id FROM privacy_activity`);
    await erase(`${crypto.randomUUID()}@example.com`);
    await report(`${crypto.randomUUID()}@example.com`);
    const { rows } = await database().execute(
      sql`SELECT kind, actor, found FROM privacy_activity ORDER BY id DESC LIMIT 2`,
    );
    expect(rows).toEqual([
      {
        kind: "report",
        actor: "olivia",
        found: { inquiries: 0, subscribers: 0, spool: 0, events: 0 },
      },
      {
        kind: "erase",
        actor: "olivia",
        found: { inquiries: 0, subscribers: 0, spool: 0, events: 0 },
      },
    ]);
    expect(before.length).toBeGreaterThanOrEqual(0);
  });

  it.each(["/privacy/report", "/privacy/erase"])(
    "%s is for an OWNER, of an address",
    async (path) => {
      const body = { email: "a@example.com" };
      for (const who of ["employee", "cashier", "visitor"] as const) {
        expect(await codeOf(postJson(path, body, as(who)), 403)).toBe("forbidden");
      }
      for (const wrong of [{}, { email: "%" }, { email: "a@example.com", all: true }, []]) {
        expect(await codeOf(postJson(path, wrong, as("owner")), 422)).toBe("validation_failed");
      }
    },
  );
});
