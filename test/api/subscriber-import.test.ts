import { count, like } from "drizzle-orm";
import { describe, expect, it, vi } from "vitest";
import { subscribers } from "../../src/db/schema.ts";
import type { ImportMessage } from "../../src/subscribers/import-schema.ts";
import type { Subscriber } from "../../src/subscribers/subscriber-schema.ts";
import { eventually } from "../support/eventually.ts";
import { as, call, database, postJson } from "../support/worker/app.ts";
import { bodyOf, codeOf, get, patchJson, send } from "../support/worker/desk.ts";
import { watchNetwork } from "../support/worker/network.ts";
import {
  aDeletedSubscriber,
  anActiveSubscriber,
  aSubscriber,
  aSubscription,
  importFile,
  subscriberOf,
  subscribersOf,
  trailOf,
} from "../support/worker/subscribers.ts";

type Of<Type extends ImportMessage["type"]> = Extract<ImportMessage, { type: Type }>;

async function messagesOf(answer: Response | Promise<Response>): Promise<ImportMessage[]> {
  const response = await answer;
  const text = new TextDecoder().decode(await response.bytes());
  expect([response.status, text]).toEqual([200, text]);
  expect(response.headers.get("content-type")).toBe("application/x-ndjson");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as ImportMessage);
}

/** What became of a file: the last message, and the code of each skipped line. */
async function importReport(...of: Parameters<typeof importFile>) {
  const answer = await importFile(...of);
  const messages = await messagesOf(answer);
  const errors = messages.filter((message) => message.type === "error") as Of<"error">[];
  return {
    last: messages.at(-1),
    lines: Object.fromEntries(errors.map(({ line, code }) => [line, code])),
    errors,
    requestId: requestIdOf(answer),
  };
}

const requestIdOf = (answer: Response) => answer.headers.get("x-request-id");

const gzip = async (text: string) =>
  new Response(new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"))).bytes();

/** Addresses that nobody else has, of one domain. */
function addresses(...names: string[]) {
  const domain = `${crypto.randomUUID()}.test`;
  return { domain, of: Object.fromEntries(names.map((name) => [name, `${name}@${domain}`])) };
}

/** The log lines that the room has heard of this import, which is at its end. */
function importsToldOf(log: { mock: { calls: unknown[][] } }, id: string | null): unknown[] {
  return log.mock.calls
    .map(([line]) => JSON.parse(String(line)) as { type?: string; requestId?: string })
    .filter(({ type, requestId }) => type === "subscriber.imported" && requestId === id);
}

async function countOf(domain: string) {
  const [row] = await database()
    .select({ rows: count() })
    .from(subscribers)
    .where(like(subscribers.emailKey, `%@${domain}`));
  return row?.rows;
}

describe("an import", () => {
  it("adds only who is new, and explains every other line", async () => {
    const left = await aSubscriber();
    await bodyOf(patchJson(`/subscribers/${left.id}`, { status: "UNSUBSCRIBED" }));
    const erased = await anActiveSubscriber();
    await bodyOf(postJson("/privacy/erase", { email: erased }, as("owner")));
    const active = await aSubscriber();
    const binned = await aDeletedSubscriber();
    const { email } = aSubscription();
    const before = await subscriberOf(left.email ?? "");
    const file = [
      "email,name",
      left.email,
      erased.toUpperCase(),
      "nobody at all",
      `${email},Ada`,
      ` ${email.toUpperCase()} ,Ada again`,
      active.email,
      binned.email,
      ",nameless",
    ].join("\r\n");
    const { last, lines, errors } = await importReport(file);
    expect(lines).toEqual({
      2: "subscriber_unsubscribed",
      3: "subscriber_erased",
      4: "invalid_value",
      6: "duplicate_in_file",
      7: "subscriber_active",
      8: "subscriber_in_bin",
      9: "invalid_value",
    });
    for (const { detail } of errors) expect(detail).toMatch(/\w/);
    expect(last).toMatchObject({ type: "result", read: 8, added: 1, skipped: 7, dryRun: false });
    expect(await subscriberOf(email)).toMatchObject({
      email,
      name: "Ada",
      status: "ACTIVE",
      source: "import",
      createdBy: "olivia",
      consent: null,
    });
    expect(await subscriberOf(left.email ?? "")).toEqual(before);
    expect(await subscribersOf(erased)).toEqual([]);
    expect(await trailOf(email)).toEqual(["join"]);
  });

  it("again adds nobody and harms nobody", async () => {
    const { domain, of } = addresses("a", "b", "c");
    const file = `email\n${Object.values(of).join("\n")}\n`;
    expect((await importReport(file)).last).toMatchObject({ added: 3, skipped: 0 });
    expect((await importReport(file)).last).toMatchObject({
      added: 0,
      skippedByCode: { subscriber_active: 3 },
    });
    expect(await countOf(domain)).toBe(3);
  });

  it("as a dry run says the same and stores nothing", async () => {
    const { domain, of } = addresses("a", "b");
    const known = await aSubscriber();
    const file = `email\n${of["a"]}\n${known.email}\n${of["a"]}\n${of["b"]}`;
    const { last, lines } = await importReport(file, { query: "?dryRun=true" });
    expect(last).toMatchObject({ type: "result", dryRun: true, read: 4, added: 2, skipped: 2 });
    expect(lines).toEqual({ 3: "subscriber_active", 4: "duplicate_in_file" });
    expect(await countOf(domain)).toBe(0);
  });

  it("takes NDJSON, with the line of what is none", async () => {
    const { of } = addresses("a", "b");
    const file = [
      JSON.stringify({ email: of["a"], name: null, locale: "de", other: { nested: 1 } }),
      "",
      "{",
      "[]",
      '{"name":"Ada"}',
      JSON.stringify({ email: 7 }),
      JSON.stringify({ email: of["b"], name: "a\u0000b" }),
      JSON.stringify({ email: "\ud800@x.test" }),
    ].join("\n");
    const { last, lines, errors } = await importReport(file, { type: "application/x-ndjson" });
    expect(lines).toEqual({
      3: "invalid_line",
      4: "invalid_line",
      5: "invalid_value",
      6: "invalid_value",
      7: "invalid_value",
      8: "invalid_value",
    });
    expect(errors.map(({ field }) => field)).toEqual([
      undefined,
      undefined,
      "email",
      "email",
      "name",
      "email",
    ]);
    expect(last).toMatchObject({ read: 7, added: 1 });
    expect(await subscriberOf(of["a"] ?? "")).toMatchObject({ locale: "de", name: null });
  });

  it("keeps what was agreed to, and when", async () => {
    const { of } = addresses("a", "b");
    const file = `Email;Subscribed at;consent_page;Consent-Wording;SOURCE
${of["a"]};2024-05-01T10:00:00+02:00;fair;"Write
to ""me""";stand
${of["b"]};2031-01-01;;;`;
    const { lines } = await importReport(file);
    expect(lines).toEqual({ 4: "invalid_value" });
    expect(await subscriberOf(of["a"] ?? "")).toMatchObject({
      subscribedAt: new Date("2024-05-01T08:00:00Z"),
      source: "stand",
      consent: { at: "2024-05-01T08:00:00.000Z", page: "fair", wording: 'Write\nto "me"' },
    });
  });

  it("tells times as UTC, whatever their offset was in the file", async () => {
    const { of } = addresses("a");
    await importReport(`email,consentAt\n${of["a"]},2024-05-01T10:00:00+02:00`);
    expect((await subscriberOf(of["a"] ?? "")).consent).toEqual({ at: "2024-05-01T08:00:00.000Z" });
  });

  it("brings nobody back whom an export says to have left", async () => {
    const { domain, of } = addresses("left", "binned", "active");
    const file = `email,status,deletedAt
${of["left"]},UNSUBSCRIBED,
${of["binned"]},ACTIVE,2026-01-01T00:00:00Z
${of["active"]},ACTIVE,`;
    const { lines } = await importReport(file);
    expect(lines).toEqual({ 2: "subscriber_unsubscribed", 3: "subscriber_in_bin" });
    expect(await countOf(domain)).toBe(1);
  });

  it.each([
    [
      "a byte order mark and CRLF",
      (a: string, b: string) => `\ufeffemail,name\r\n${a},A\r\n${b},B\r\n`,
    ],
    ["CR alone", (a: string, b: string) => `email\r${a}\r${b}`],
    [
      "semicolons and commas in the names",
      (a: string, b: string) => `name;email\n"B; C, D";${a}\nE, F;${b}`,
    ],
    ["tabs", (a: string, b: string) => `name\temail\nA\t${a}\nB\t${b}\n`],
    [
      "every cell in quotes",
      (a: string, b: string) => `"email","name"\n"${a}","A"\n"${b}","B ""C"""`,
    ],
    ["stray quotes", (a: string, b: string) => `email,name\n${a},5" disk\n${b},"A" B`],
    ["short and long lines", (a: string, b: string) => `name,email,x\nA,${a}\nB,${b},1,2,3`],
    ["empty lines", (a: string, b: string) => `email\n\n${a}\n\n\n${b}\n\n`],
    [
      "other columns of several lines",
      (a: string, b: string) => `email,notes\n${a},"x\r\ny\r\n"\n${b},`,
    ],
  ])("reads %s", async (_what, fileOf) => {
    const { domain, of } = addresses("a", "b");
    const { last } = await importReport(fileOf(of["a"] ?? "", of["b"] ?? ""));
    expect(last).toMatchObject({ type: "result", read: 2, added: 2 });
    expect(await countOf(domain)).toBe(2);
  });

  it("reads the same however it is cut into chunks, and packed", async () => {
    const text = 'email,name\r\n"jürgen@müller.test","a\r\nb"\r\nnobody,"é"\r\n';
    const bytes = new TextEncoder().encode(text);
    const expected = { 2: "invalid_value", 4: "invalid_value" };
    for (const size of [1, 2, 7]) {
      const cut = new ReadableStream<Uint8Array>({
        start(controller) {
          for (let at = 0; at < bytes.length; at += size) {
            controller.enqueue(bytes.slice(at, at + size));
          }
          controller.close();
        },
      });
      expect((await importReport(cut, { query: "?dryRun=true" })).lines).toEqual(expected);
    }
    const packed = await gzip(text);
    const options = { query: "?dryRun=true", "content-encoding": "gzip" };
    expect((await importReport(packed, options)).lines).toEqual(expected);
  });

  it("lists the first thousand errors and counts the others", async () => {
    const lines = Array.from({ length: 1_500 }, (_, n) => `nobody ${n}`);
    const { last, errors } = await importReport(`email\n${lines.join("\n")}`);
    expect(errors).toHaveLength(1_000);
    expect(last).toMatchObject({
      skipped: 1_500,
      errorsOmitted: 500,
      skippedByCode: { invalid_value: 1_500 },
    });
  });

  it("tells how it goes after each batch", async () => {
    const { domain } = addresses();
    const lines = Array.from({ length: 2_500 }, (_, n) => `n${n}@${domain}`);
    const messages = await messagesOf(importFile(`email\n${lines.join("\n")}`));
    expect(messages).toEqual([
      { type: "progress", read: 0, added: 0, skipped: 0 },
      { type: "progress", read: 1_000, added: 1_000, skipped: 0 },
      { type: "progress", read: 2_000, added: 2_000, skipped: 0 },
      { type: "progress", read: 2_500, added: 2_500, skipped: 0 },
      expect.objectContaining({ type: "result", added: 2_500, skippedByCode: {} }),
    ]);
  });

  it("is told to the room once", async () => {
    const { domain } = addresses();
    const lines = Array.from({ length: 1_200 }, (_, n) => `n${n}@${domain}`);
    const log = vi.spyOn(console, "log");
    const { requestId } = await importReport(`email\n${lines.join("\n")}`);
    await eventually(() =>
      expect(importsToldOf(log, requestId)).toMatchObject([
        { added: "1200", rooms: ["subscribers"] },
      ]),
    );
  });
});

describe("a file that cannot be imported", () => {
  it.each<[string, BodyInit, Record<string, string>, number, string]>([
    ["another media type", "email", { type: "application/json" }, 415, "unsupported_media_type"],
    ["another encoding", "email", { "content-encoding": "br" }, 415, "unsupported_media_type"],
    ["no column of addresses", "name,phone\nAda,1", {}, 400, "malformed_body"],
    ["nothing in it", "", {}, 400, "malformed_body"],
    ["UTF-16", new Uint8Array([0xff, 0xfe, 0x65, 0]), {}, 400, "malformed_body"],
    ["a header without an end", `email${"x".repeat(70_000)}`, {}, 400, "malformed_body"],
    ["no gzip in it", "email", { "content-encoding": "gzip" }, 400, "malformed_body"],
    ["more than is read", "email", { "content-length": String(2 ** 26) }, 413, "body_too_large"],
  ])("is refused before anything is stored: %s", async (_what, body, headers, status, code) => {
    expect(await codeOf(importFile(body, headers), status)).toBe(code);
  });

  it.each<[string, (good: string) => Promise<BodyInit> | BodyInit, string]>([
    [
      "a quote that is never closed",
      (good) => `${good}"a@b.test,${"x\n".repeat(40_000)}`,
      "malformed_body",
    ],
    ["a line without an end", (good) => `${good}${"x".repeat(70_000)}`, "malformed_body"],
    [
      "another encoding further on",
      (good) => new Blob([good, new Uint8Array([0xe9, 0x0a])]),
      "malformed_body",
    ],
    ["more lines than are read", (good) => `${good}${"x\n".repeat(200_001)}`, "body_too_large"],
  ])("ends the import where it breaks: %s", async (_what, rest, code) => {
    const { domain } = addresses();
    const good = `email\n${Array.from({ length: 1_000 }, (_, n) => `n${n}@${domain}`).join("\n")}\n`;
    const { last } = await importReport(await rest(good));
    expect(last).toMatchObject({ type: "problem", code });
    expect(await countOf(domain)).toBe((last as Of<"problem">).added);
  });

  it("that unpacks to more than is read ends as well", async () => {
    const packed = await gzip(`email\n${`${"x".repeat(60_000)}\n`.repeat(600)}`);
    const { last } = await importReport(packed, { "content-encoding": "gzip" });
    expect(last).toMatchObject({ type: "problem", code: "body_too_large", added: 0 });
  });
});

describe("a database that goes away", () => {
  it("ends the import; what was stored is told, announced and skipped the next time", async () => {
    const { domain } = addresses();
    const log = vi.spyOn(console, "log");
    const file = `email\n${Array.from({ length: 2_500 }, (_, n) => `n${n}@${domain}`).join("\n")}`;
    let batches = 0;
    const watched = watchNetwork(async (request) => {
      const adds = (await request.clone().text()).includes("jsonb_to_recordset");
      if (adds && ++batches > 1) throw new TypeError("Network connection lost.");
      return undefined;
    });
    const { last, requestId } = await importReport(file);
    expect(last).toMatchObject({ type: "problem", code: "database_unavailable", added: 1_000 });
    expect(watched.length).toBeGreaterThan(1);
    expect(await countOf(domain)).toBe(1_000);
    await eventually(() =>
      expect(importsToldOf(log, requestId)).toMatchObject([{ added: "1000" }]),
    );
    batches = Number.NEGATIVE_INFINITY;
    const again = await importReport(file);
    expect(again.last).toMatchObject({ added: 1_500, skippedByCode: { subscriber_active: 1_000 } });
  });
});

describe("a client that goes away", () => {
  it("ends the import; what was stored stays, and the whole file may come again", async () => {
    const { domain } = addresses();
    const log = vi.spyOn(console, "log");
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        const lines = Array.from({ length: 500 }, () => `n${sent++}@${domain}\n`);
        controller.enqueue(
          new TextEncoder().encode(sent === 500 ? `email\n${lines.join("")}` : lines.join("")),
        );
      },
    });
    const answer = await importFile(endless);
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
    for (let text = ""; !text.includes('"added":1000'); ) {
      text += new TextDecoder().decode((await reader.read()).value);
    }
    await reader.cancel();
    await eventually(() => expect(importsToldOf(log, requestIdOf(answer))).toHaveLength(1));
    const stored = (await countOf(domain)) ?? 0;
    expect(stored).toBeGreaterThanOrEqual(1_000);
    const again = Array.from({ length: stored + 10 }, (_, n) => `n${n}@${domain}`);
    const { last } = await importReport(`email\n${again.join("\n")}`);
    expect(last).toMatchObject({ added: 10, skippedByCode: { subscriber_active: stored } });
  });
});

describe("two files at once", () => {
  it("with the same addresses in another order add each once", async () => {
    const { domain } = addresses();
    const lines = Array.from({ length: 1_500 }, (_, n) => `n${n}@${domain}`);
    const reports = await Promise.all([
      importReport(`email\n${lines.join("\n")}`),
      importReport(`email\n${lines.toReversed().join("\n")}`),
    ]);
    const added = reports.map(({ last }) => (last as Of<"result">).added);
    expect((added[0] ?? 0) + (added[1] ?? 0)).toBe(1_500);
    expect(await countOf(domain)).toBe(1_500);
  });
});

describe("an import of an export of ours", () => {
  it("finds everything where it was", async () => {
    const source = crypto.randomUUID();
    const entered: Subscriber[] = [];
    for (const name of ["Ada", "=1+1", 'B "C", D'])
      entered.push(await aSubscriber({ source, name }));
    await bodyOf(patchJson(`/subscribers/${entered[0]?.id}`, { status: "UNSUBSCRIBED" }));
    const file = await (
      await get(`/subscribers/export?source=${source}&order=oldest`, "owner")
    ).bytes();
    for (const { id } of entered) await send("DELETE", `/subscribers/${id}`);
    expect((await importReport(file)).lines).toEqual({
      2: "subscriber_unsubscribed",
      3: "subscriber_in_bin",
      4: "subscriber_in_bin",
    });
  });

  it("is for who may import", async () => {
    const answer = call("/subscribers/import", { method: "POST", headers: as("employee") });
    expect(await codeOf(answer, 403)).toBe("forbidden");
  });
});
