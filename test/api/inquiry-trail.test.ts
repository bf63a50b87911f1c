import { describe, expect, it } from "vitest";
import { as, postJson } from "../support/worker/app.ts";
import {
  aDeletedInquiry,
  anInquiry,
  bodyOf,
  codeOf,
  fiveInquiries,
  get,
  type Page,
  patchJson,
  trailOf,
} from "../support/worker/desk.ts";
import { aSubmission } from "../support/worker/factories.ts";

describe("the trail", () => {
  it("takes notes from who may triage, and pages through them", async () => {
    const { id } = await anInquiry();
    for (const note of ["one", "two", "three"]) {
      const answer = postJson(`/inquiries/${id}/activity`, { note }, as("cashier"));
      expect(await bodyOf(answer, 201)).toMatchObject({ kind: "note", note, inquiryId: id });
    }
    const path = `/inquiries/${id}/activity?limit=3`;
    const first = await bodyOf<Page<{ note?: string }>>(get(path));
    expect(first.data.map(({ note }) => note)).toEqual(["three", "two", "one"]);
    const rest = await bodyOf<Page<{ kind: string }>>(get(`${path}&cursor=${first.nextCursor}`));
    expect(rest).toMatchObject({ data: [{ kind: "create" }], nextCursor: null });
    const other = await anInquiry();
    const foreign = get(`/inquiries/${other.id}/activity?cursor=${first.nextCursor}`);
    expect(await codeOf(foreign, 400)).toBe("invalid_cursor");
  });

  it("adds one note under a key, however often and however close together it is sent", async () => {
    const { id } = await anInquiry();
    const key = { "idempotency-key": crypto.randomUUID() };
    const send = (note: string, who: "cashier" | "owner" = "cashier", to = id) =>
      postJson(`/inquiries/${to}/activity`, { note }, { ...as(who), ...key });
    const answers = await Promise.all(Array.from({ length: 8 }, () => send("Rang twice")));
    const added = await Promise.all(answers.map((answer) => bodyOf<{ id: string }>(answer, 201)));
    expect(new Set(added.map((entry) => entry.id)).size).toBe(1);
    const replayed = answers.filter(
      ({ headers }) => headers.get("idempotency-replayed") === "true",
    );
    expect(replayed).toHaveLength(7);
    expect(await codeOf(send("Rang once"), 422)).toBe("idempotency_key_reused");
    expect(await codeOf(send("Rang twice", "owner"), 422)).toBe("idempotency_key_reused");
    expect((await trailOf(id)).map(({ kind }) => kind)).toEqual(["note", "create"]);

    const other = await anInquiry();
    const elsewhere = await send("Rang twice", "cashier", other.id);
    expect(elsewhere.headers.has("idempotency-replayed")).toBe(false);
    expect((await trailOf(other.id)).map(({ kind }) => kind)).toEqual(["note", "create"]);
  });

  it("refuses an empty note and a note to nothing", async () => {
    const { id } = await anInquiry();
    const empty = postJson(`/inquiries/${id}/activity`, { note: " " }, as("employee"));
    expect(await codeOf(empty, 422)).toBe("validation_failed");
    const nowhere = postJson("/inquiries/1/activity", { note: "x" }, as("employee"));
    expect(await codeOf(nowhere, 404)).toBe("inquiry_not_found");
  });
});

describe("bulk triage", () => {
  it("says of every id what became of it, and logs what changed", async () => {
    const { ids } = await fiveInquiries();
    const [fresh, begun, done, cancelled] = ids;
    const { id: binned } = await aDeletedInquiry();
    const asked = ["1", done, fresh, begun, cancelled, binned];
    const answer = patchJson("/inquiries", { ids: asked, status: "IN_PROGRESS" }, "cashier");
    expect(await bodyOf(answer)).toEqual({
      data: [
        { id: "1", outcome: "not_found" },
        { id: done, outcome: "conflict", status: "RESOLVED", version: 3, allowed: ["CANCELLED"] },
        { id: fresh, outcome: "updated", status: "IN_PROGRESS", version: 2 },
        { id: begun, outcome: "unchanged", status: "IN_PROGRESS", version: 2 },
        { id: cancelled, outcome: "conflict", status: "CANCELLED", version: 2, allowed: ["NEW"] },
        { id: binned, outcome: "not_found" },
      ],
    });
    expect((await trailOf(fresh)).map(({ kind }) => kind)).toEqual(["status", "create"]);
    expect(await trailOf(begun)).toHaveLength(2);
  });

  it("takes 200 ids and not one more, none twice, all of them ids", async () => {
    const ids = (n: number) => Array.from({ length: n }, (_, index) => String(index + 1));
    const triage = (list: unknown[]) => patchJson("/inquiries", { ids: list, status: "CANCELLED" });
    expect((await triage(ids(200))).status).toBe(200);
    for (const list of [[], ids(201), ["1", "1"], ["x"], ["99999999999999999999"], [1]]) {
      expect(await codeOf(triage(list), 422)).toBe("validation_failed");
    }
  });

  it("sends no visitor's submission astray: two overlapping bulks both end", async () => {
    const ids = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const { id } = await anInquiry();
        return id;
      }),
    );
    const answers = await Promise.all([
      patchJson("/inquiries", { ids, status: "IN_PROGRESS" }),
      patchJson("/inquiries", { ids: ids.toReversed(), status: "CANCELLED" }),
      postJson("/inquiries/submit", aSubmission()),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 201]);
  });
});
