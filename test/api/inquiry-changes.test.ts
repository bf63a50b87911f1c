import { sql } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import type { Inquiry } from "../../src/inquiries/schema.ts";
import { as, database, postJson } from "../support/worker/app.ts";
import {
  anInquiry,
  bodyOf,
  codeOf,
  get,
  patchJson,
  send,
  trailOf,
} from "../support/worker/desk.ts";
import { aSubmission } from "../support/worker/factories.ts";

const at = (inquiry: { id: string }) => `/inquiries/${inquiry.id}`;

describe("entering an inquiry", () => {
  it("takes a caller who leaves only a number, and logs who entered it", async () => {
    const inquiry = await anInquiry({ email: undefined, phone: "+44 20 7946 0018" });
    expect(inquiry).toMatchObject({ email: null, status: "NEW", version: 1, createdBy: "emil" });
    expect(await trailOf(inquiry.id)).toMatchObject([{ kind: "create", actor: "emil" }]);
  });

  it("refuses one that nobody could answer", async () => {
    const entry = aSubmission({ email: undefined });
    const problem = await bodyOf(postJson("/inquiries", entry, as("employee")), 422);
    expect(problem).toMatchObject({ errors: [{ pointer: "/email" }] });
  });

  it("stores the same entry with the same key once, and refuses another with it", async () => {
    const entry = aSubmission();
    const headers = { ...as("employee"), "idempotency-key": crypto.randomUUID() };
    const first = await postJson("/inquiries", entry, headers);
    const second = await postJson("/inquiries", entry, headers);
    expect(second.headers.get("idempotency-replayed")).toBe("true");
    expect((await second.json<Inquiry>()).id).toBe((await first.json<Inquiry>()).id);
    const other = postJson("/inquiries", aSubmission(), headers);
    expect(await codeOf(other, 422)).toBe("idempotency_key_reused");
  });

  it("never meets a visitor's key, though it reads the same", async () => {
    const key = { "idempotency-key": crypto.randomUUID() };
    const visitor = await postJson("/inquiries/submit", aSubmission(), key);
    expect(visitor.status).toBe(201);
    const entered = await postJson("/inquiries", aSubmission(), { ...as("employee"), ...key });
    expect([entered.status, entered.headers.get("idempotency-replayed")]).toEqual([201, null]);
  });

  it("is not for a CASHIER", async () => {
    expect(await codeOf(postJson("/inquiries", aSubmission(), as("cashier")), 403)).toBe(
      "forbidden",
    );
  });
});

describe("patching an inquiry", () => {
  it("changes what is there, leaves what is not, and takes away what is null", async () => {
    const inquiry = await anInquiry({
      subject: "Delivery",
      phone: "1",
      metadata: { a: "1", b: "2" },
    });
    const patch = { subject: null, name: "Ada King", metadata: { a: null, c: "3" } };
    const answer = await patchJson(at(inquiry), patch);
    expect(answer.headers.get("etag")).toBe('"v2"');
    expect(await bodyOf(answer)).toEqual({
      ...inquiry,
      subject: null,
      name: "Ada King",
      metadata: { b: "2", c: "3" },
      version: 2,
      modifiedBy: "emil",
      modifiedAt: expect.any(String),
    });
    const [entry] = await trailOf(inquiry.id);
    expect(entry).toMatchObject({
      kind: "edit",
      actor: "emil",
      changes: {
        subject: { before: "Delivery", after: null },
        name: { before: "Ada Byron", after: "Ada King" },
        metadata: { before: { a: "1", b: "2" }, after: { b: "2", c: "3" } },
      },
    });
    expect(Object.keys(entry?.changes ?? {})).toHaveLength(3);
  });

  it.each([[{}], [{ status: "NEW", name: "Ada Byron" }], [{ metadata: { gone: null } }]])(
    "leaves no trace when %j changes nothing",
    async (patch) => {
      const inquiry = await anInquiry();
      expect(await bodyOf(patchJson(at(inquiry), patch))).toEqual(inquiry);
      expect(await trailOf(inquiry.id)).toHaveLength(1);
    },
  );

  it.each([
    [{ status: null }],
    [{ status: "DONE" }],
    [{ name: null }],
    [{ id: "1" }],
    [{ deletedAt: null }],
    [{ email: "nobody" }],
    [{ message: "a\0b" }],
    [{ name: "\ud800" }],
    [{ metadata: Object.fromEntries(Array.from({ length: 21 }, (_, n) => [`k${n}`, "v"])) }],
    [[]],
    ["text"],
    [null],
  ])("refuses %j", async (patch) => {
    const inquiry = await anInquiry();
    const body = patch === "text" ? '"text"' : patch;
    expect(await codeOf(patchJson(at(inquiry), body), 422)).toBe("validation_failed");
    expect(await bodyOf(get(at(inquiry)))).toEqual(inquiry);
  });

  it("refuses what is no JSON, and another media type", async () => {
    const inquiry = await anInquiry();
    expect(await codeOf(patchJson(at(inquiry), "{"), 400)).toBe("malformed_json");
    const form = patchJson(at(inquiry), "status=NEW", "employee", {
      "content-type": "application/x-www-form-urlencoded",
    });
    expect(await codeOf(form, 415)).toBe("unsupported_media_type");
  });

  it("notes once when it was first handled", async () => {
    const inquiry = await anInquiry();
    expect(inquiry.firstHandledAt).toBeNull();
    const begun = await bodyOf<Inquiry>(patchJson(at(inquiry), { status: "IN_PROGRESS" }));
    expect(begun.firstHandledAt).not.toBeNull();
    const steps = ["RESOLVED", "CANCELLED", "NEW", "IN_PROGRESS"];
    for (const status of steps) {
      const next = await bodyOf<Inquiry>(patchJson(at(inquiry), { status }));
      expect(next).toMatchObject({ status, firstHandledAt: begun.firstHandledAt });
    }
    expect((await trailOf(inquiry.id)).map(({ kind }) => kind)).toEqual([
      ...Array(5).fill("status"),
      "create",
    ]);
  });

  it.each([
    ["NEW", "RESOLVED", ["IN_PROGRESS", "CANCELLED"]],
    ["IN_PROGRESS", "NEW", ["RESOLVED", "CANCELLED"]],
    ["RESOLVED", "NEW", ["CANCELLED"]],
    ["RESOLVED", "IN_PROGRESS", ["CANCELLED"]],
    ["CANCELLED", "RESOLVED", ["NEW"]],
    ["CANCELLED", "IN_PROGRESS", ["NEW"]],
  ])("refuses to make %s %s, and says what is allowed", async (from, to, allowed) => {
    const inquiry = await anInquiry();
    const way: Record<string, string[]> = {
      NEW: [],
      IN_PROGRESS: ["IN_PROGRESS"],
      RESOLVED: ["IN_PROGRESS", "RESOLVED"],
      CANCELLED: ["CANCELLED"],
    };
    for (const status of way[from] ?? []) await bodyOf(patchJson(at(inquiry), { status }));
    const before = await bodyOf(get(at(inquiry)));
    const problem = await bodyOf(patchJson(at(inquiry), { status: to, name: "Other" }), 409);
    expect(problem).toMatchObject({ code: "status_conflict", current: from, allowed });
    expect(await bodyOf(get(at(inquiry)))).toEqual(before);
  });

  it("lets a CASHIER change the status, nothing else, and shows no address", async () => {
    const inquiry = await anInquiry({ phone: "+44 20 7946 0018" });
    const patched = await bodyOf(patchJson(at(inquiry), { status: "IN_PROGRESS" }, "cashier"));
    expect(JSON.stringify(patched)).not.toContain(inquiry.email);
    for (const patch of [{ name: "x" }, { status: "RESOLVED", assignee: "x" }, { email: null }]) {
      expect(await codeOf(patchJson(at(inquiry), patch, "cashier"), 403)).toBe("forbidden");
    }
    await bodyOf(patchJson(at(inquiry), { email: "ada.king@example.com", phone: null }));
    const trail = JSON.stringify(await trailOf(inquiry.id, "cashier"));
    for (const secret of [inquiry.email, "ada.king", "7946"]) expect(trail).not.toContain(secret);
  });
});

describe("two clerks at one inquiry", () => {
  it("who patch the same version: one succeeds, one is told, and the trail has one entry", async () => {
    const inquiry = await anInquiry();
    const etag = (await get(at(inquiry))).headers.get("etag") ?? "";
    const answers = await Promise.all([
      patchJson(at(inquiry), { status: "IN_PROGRESS" }, "employee", { "if-match": etag }),
      patchJson(at(inquiry), { status: "CANCELLED" }, "owner", { "if-match": etag }),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412]);
    const loser = answers.find(({ status }) => status === 412) as Response;
    expect(await codeOf(loser, 412)).toBe("stale_version");
    expect(await bodyOf(get(at(inquiry)))).toMatchObject({ version: 2 });
    expect((await trailOf(inquiry.id)).map(({ kind }) => kind)).toEqual(["status", "create"]);
  });

  it.each([
    ["*", 200],
    ['"v1"', 200],
    ['"v7", "v1"', 200],
    ['"v7","v8"', 412],
    ['W/"v1"', 200],
    ['W/"v7", W/"v8"', 412],
    ['w/"v1"', 412],
    ["v1", 412],
    ['"1"', 412],
  ])("with If-Match: %s is answered %d", async (header, status) => {
    const inquiry = await anInquiry();
    const patch = { assignee: "employee" };
    const answer = await patchJson(at(inquiry), patch, "employee", { "if-match": header });
    expect(answer.status).toBe(status);
  });

  it("is told before anything else when the version is stale", async () => {
    const inquiry = await anInquiry();
    const stale = { "if-match": '"v9"' };
    const patched = patchJson(at(inquiry), { status: "RESOLVED" }, "employee", stale);
    expect(await codeOf(patched, 412)).toBe("stale_version");
    expect(await codeOf(send("DELETE", at(inquiry), "owner", stale), 412)).toBe("stale_version");
    expect(await bodyOf(get(at(inquiry)))).toEqual(inquiry);
  });
});

describe("spam", () => {
  it("that is brought back loses its reasons, which the trail keeps", async () => {
    const inquiry = await anInquiry();
    await database().execute(
      sql`UPDATE inquiries SET status = 'CANCELLED', spam_reasons = '{links}' WHERE id = ${inquiry.id}`,
    );
    const revived = await bodyOf(patchJson(at(inquiry), { status: "NEW" }, "cashier"));
    expect(revived).toMatchObject({ status: "NEW", spamReasons: [], firstHandledAt: null });
    expect((await trailOf(inquiry.id))[0]).toMatchObject({
      kind: "status",
      changes: { spamReasons: { before: ["links"], after: [] } },
    });
  });
});
