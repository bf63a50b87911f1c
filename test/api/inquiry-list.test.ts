import { describe, expect, it } from "vitest";
import type { Inquiry } from "../../src/inquiries/schema.ts";
import {
  aDeletedInquiry,
  anInquiry,
  bodyOf,
  codeOf,
  fiveInquiries,
  get,
  type Page,
  patchJson,
  send,
  trailOf,
} from "../support/worker/desk.ts";

type Who = Parameters<typeof get>[1];

/** Ids of a list, page by page. */
async function idsOf(query: Record<string, string | string[]>, who: Who = "employee", limit = 2) {
  const parameters = new URLSearchParams({ limit: String(limit) });
  for (const [name, value] of Object.entries(query)) {
    for (const each of [value].flat()) parameters.append(name, each);
  }
  const ids: string[] = [];
  for (;;) {
    const page = await bodyOf<Page<Inquiry>>(get(`/inquiries?${parameters}`, who));
    expect(page.data.length).toBeLessThanOrEqual(limit);
    ids.push(...page.data.map(({ id }) => id));
    if (page.nextCursor === null) return ids;
    parameters.set("cursor", page.nextCursor);
  }
}

describe("the list", () => {
  it("holds each inquiry once, in the order asked for", async () => {
    const { source, ids } = await fiveInquiries();
    expect(await idsOf({ source, order: "oldest" })).toEqual(ids);
    expect(await idsOf({ source })).toEqual(ids.toReversed());
  });

  it("filters by several statuses, with another filter and without", async () => {
    const { source, ids } = await fiveInquiries();
    const [first, begun, done, , last] = ids;
    const status = ["NEW", "RESOLVED"];
    expect(await idsOf({ source, status })).toEqual([last, done, first]);
    const from = new Date(Date.now() - 60_000).toISOString();
    const all = await idsOf({ status, from, order: "oldest" }, "employee", 7);
    expect(all.filter((id) => ids.includes(id as string))).toEqual([first, done, last]);
    expect(all).toEqual(all.toSorted((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1)));
    expect(all).not.toContain(begun);
  });

  it("filters by assignee and by time", async () => {
    const assignee = crypto.randomUUID();
    const { id, submittedAt } = await anInquiry({ assignee });
    const later = new Date(Date.parse(submittedAt) + 1).toISOString();
    expect(await idsOf({ assignee })).toEqual([id]);
    expect(await idsOf({ assignee, from: submittedAt, to: later })).toEqual([id]);
    expect(await idsOf({ assignee, from: later })).toEqual([]);
    expect(await idsOf({ assignee, to: submittedAt })).toEqual([]);
    const elsewhere = submittedAt.replace("Z", "+02:00");
    expect(await idsOf({ assignee, to: elsewhere })).toEqual([]);
  });

  it.each([
    ["cursor=abc", 400],
    ["status=OPEN", 422],
    ["limit=0", 422],
    ["limit=201", 422],
    ["order=random", 422],
    ["from=yesterday", 422],
    ["q=", 422],
    ["q=%00", 422],
    ["deleted=1", 422],
  ])("refuses ?%s with %d", async (query, status) => {
    expect((await get(`/inquiries?${query}`)).status).toBe(status);
  });

  it("refuses a cursor of other filters, and takes it for the same ones written otherwise", async () => {
    const { source } = await fiveInquiries();
    const path = `/inquiries?source=${source}&limit=1&status=NEW&status=RESOLVED`;
    const { nextCursor } = await bodyOf<Page<Inquiry>>(get(path));
    const same = `/inquiries?cursor=${nextCursor}&status=RESOLVED&status=NEW&source=${source}`;
    expect((await get(same)).status).toBe(200);
    expect(await codeOf(get(`/inquiries?cursor=${nextCursor}`), 400)).toBe("invalid_cursor");
    const bin = `/inquiries?cursor=${nextCursor}&source=${source}&deleted=true`;
    expect(await codeOf(get(bin, "owner"), 400)).toBe("invalid_cursor");
  });
});

describe("searching", () => {
  it("finds every word anywhere, whatever its case", async () => {
    const word = crypto.randomUUID().slice(0, 8);
    const { id } = await anInquiry({ subject: `Zürich ${word}`, message: "Ein\nBoot, bitte" });
    for (const q of [
      word,
      word.toUpperCase(),
      `${word} boot`,
      `bitte ZÜRICH ${word.slice(1, 5)}`,
    ]) {
      expect(await idsOf({ q: `${q} ${word}` })).toEqual([id]);
    }
    expect(await idsOf({ q: `${word} nowhere` })).toEqual([]);
  });

  it("takes % and _ and \\ as they are", async () => {
    const word = crypto.randomUUID().slice(0, 8);
    const { id } = await anInquiry({ message: `${word} 100% a_b c:\\d` });
    await anInquiry({ message: `${word} 100 axb c:d` });
    for (const q of ["100%", "a_b", "c:\\d"]) {
      expect(await idsOf({ q: `${word} ${q}` })).toEqual([id]);
    }
  });

  it("finds one or two characters where a word begins", async () => {
    const source = crypto.randomUUID();
    const { id } = await anInquiry({ source, message: "nothing\nqx9" });
    await anInquiry({ source, message: "nothing aqx9" });
    expect(await idsOf({ q: "qx", source })).toEqual([id]);
    expect(await idsOf({ q: "q", source })).toEqual([id]);
  });

  it("finds addresses for those who see them, and for nobody else", async () => {
    const word = crypto.randomUUID();
    const { id } = await anInquiry({ email: `${word}@example.com`, message: "Hello" });
    expect(await idsOf({ q: word })).toEqual([id]);
    expect(await idsOf({ q: word }, "cashier")).toEqual([]);
    expect(await idsOf({ q: "com Hello", from: new Date(0).toISOString() }, "cashier")).toEqual([]);
    const visible = await anInquiry({ subject: `About ${word}` });
    expect(await idsOf({ q: word }, "cashier")).toEqual([visible.id]);
  });
});

describe("the bin", () => {
  it("shows what was deleted to who may delete, until it is restored", async () => {
    const source = crypto.randomUUID();
    const { id } = await aDeletedInquiry({ source });
    expect(await idsOf({ source }, "owner")).toEqual([]);
    expect(await idsOf({ source, deleted: "true" }, "owner")).toEqual([id]);
    const binned = await bodyOf<Inquiry>(get(`/inquiries/${id}?deleted=true`, "owner"));
    expect(binned).toMatchObject({ version: 2, deletedAt: expect.any(String) });
    const restored = await send("POST", `/inquiries/${id}/restore`, "owner", {
      "if-match": '"v2"',
    });
    expect(restored.headers.get("etag")).toBe('"v3"');
    expect(await idsOf({ source, deleted: "true" }, "owner")).toEqual([]);
    expect(await idsOf({ source })).toEqual([id]);
    expect((await trailOf(id)).map(({ kind }) => kind)).toEqual(["restore", "delete", "create"]);
  });

  it("takes a second delete and a second restore without a trace", async () => {
    const { id } = await aDeletedInquiry();
    expect((await send("DELETE", `/inquiries/${id}`)).status).toBe(204);
    await send("POST", `/inquiries/${id}/restore`);
    expect((await send("POST", `/inquiries/${id}/restore`)).status).toBe(200);
    expect(await trailOf(id)).toHaveLength(3);
  });

  it("is a 404 for what never was", async () => {
    for (const [method, path] of [
      ["DELETE", "/inquiries/1"],
      ["POST", "/inquiries/1/restore"],
      ["GET", "/inquiries/1"],
      ["GET", "/inquiries/1?deleted=true"],
      ["GET", "/inquiries/1/activity"],
    ] as const) {
      expect(await codeOf(send(method, path), 404)).toBe("inquiry_not_found");
    }
  });

  it.each(["employee", "cashier"] as const)(
    "stays closed to %s, whatever is asked",
    async (who) => {
      const secret = crypto.randomUUID();
      const { id } = await aDeletedInquiry({ source: secret, subject: secret, assignee: secret });
      const filters = `source=${secret}&assignee=${secret}&q=${secret}`;
      const asked = [
        `/inquiries?${filters}`,
        `/inquiries?${filters}&deleted=true`,
        `/inquiries?${filters}&deleted=false&deleted=true`,
        `/inquiries?${filters}&deleted=TRUE`,
        `/inquiries?${filters}&where=1%3D1`,
        `/inquiries?${filters}&filter[deletedAt]=`,
        `/inquiries?${filters}&deletedAt=null&include=deleted`,
        `/inquiries?source=${secret}'%20OR%20deleted_at%20IS%20NOT%20NULL--`,
        `/inquiries?q=${secret}%25&status=NEW&status=CANCELLED&status=RESOLVED&status=IN_PROGRESS`,
        `/inquiries/${id}`,
        `/inquiries/${id}?deleted=true`,
        `/inquiries/${id}/activity`,
        `/inquiries/${id}/activity?deleted=true`,
        `/inquiries/export?${filters}`,
        `/inquiries/export?${filters}&deleted=true`,
      ];
      for (const path of asked) {
        const answer = await get(path, who);
        expect([path, await answer.text()]).not.toEqual([path, expect.stringContaining(`"${id}"`)]);
      }
      for (const path of [`/inquiries/${id}/restore`, `/inquiries/${id}`]) {
        expect((await send(path.endsWith("restore") ? "POST" : "DELETE", path, who)).status).toBe(
          403,
        );
      }
      expect(await codeOf(patchJson(`/inquiries/${id}`, { status: "CANCELLED" }, who), 404)).toBe(
        "inquiry_not_found",
      );
      const bulk = patchJson("/inquiries", { ids: [id], status: "CANCELLED" }, who);
      expect(await bodyOf(bulk)).toEqual({ data: [{ id, outcome: "not_found" }] });
      expect(await trailOf(id, "owner", "?deleted=true")).toHaveLength(2);
    },
  );
});
