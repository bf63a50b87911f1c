import { describe, expect, it } from "vitest";
import type { Subscriber } from "../../src/subscribers/subscriber-schema.ts";
import { bodyOf, codeOf, get, type Page, patchJson, send } from "../support/worker/desk.ts";
import { expectProblem, valueErrors } from "../support/worker/problems.ts";
import { aDeletedSubscriber, aSubscriber, subscriberOf } from "../support/worker/subscribers.ts";

type Who = Parameters<typeof get>[1];

/** Ids of a list, page by page. */
async function idsOf(query: Record<string, string | string[]>, who: Who = "employee", limit = 2) {
  const parameters = new URLSearchParams({ limit: String(limit) });
  for (const [name, value] of Object.entries(query)) {
    for (const each of [value].flat()) parameters.append(name, each);
  }
  const ids: string[] = [];
  for (;;) {
    const page = await bodyOf<Page<Subscriber>>(get(`/subscribers?${parameters}`, who));
    ids.push(...page.data.map(({ id }) => id));
    if (page.nextCursor === null) return ids;
    parameters.set("cursor", page.nextCursor);
  }
}

/** Four subscribers of a source of their own; the second and the third have left. */
async function fourSubscribers() {
  const source = crypto.randomUUID();
  const ids: string[] = [];
  for (let n = 0; n < 4; n += 1) ids.push((await aSubscriber({ source })).id);
  for (const id of ids.slice(1, 3)) {
    await bodyOf(patchJson(`/subscribers/${id}`, { status: "UNSUBSCRIBED" }));
  }
  return { source, ids: ids as [string, string, string, string] };
}

describe("the list of subscribers", () => {
  it("holds each once, in the order asked for, by status and by source", async () => {
    const { source, ids } = await fourSubscribers();
    const [first, second, third, last] = ids;
    expect(await idsOf({ source, order: "oldest" })).toEqual(ids);
    expect(await idsOf({ source })).toEqual(ids.toReversed());
    expect(await idsOf({ source, status: "UNSUBSCRIBED" })).toEqual([third, second]);
    expect(await idsOf({ source, status: ["ACTIVE", "UNSUBSCRIBED"] })).toEqual(ids.toReversed());
    const from = new Date(Date.now() - 60_000).toISOString();
    const active = await idsOf({ status: "ACTIVE", from }, "employee", 200);
    expect(active.filter((id) => ids.includes(id))).toEqual([last, first]);
  });

  it("filters by when they came onto the list", async () => {
    const { id, source, createdAt } = await aSubscriber({ source: crypto.randomUUID() });
    const later = new Date(Date.parse(createdAt) + 1).toISOString();
    const filters = { source: source ?? "" };
    expect(await idsOf({ ...filters, from: createdAt, to: later })).toEqual([id]);
    expect(await idsOf({ ...filters, from: later })).toEqual([]);
    expect(await idsOf({ ...filters, to: createdAt })).toEqual([]);
  });

  it("finds every word in address and name, whatever its case", async () => {
    const word = crypto.randomUUID().slice(0, 8);
    const { id } = await aSubscriber({ email: `ada.${word}@example.com`, name: "Zoë 100%_b" });
    for (const q of [word, word.toUpperCase(), `ZOË ${word}`, `${word} 100%_`, `zo ${word}`]) {
      expect(await idsOf({ q })).toEqual([id]);
    }
    for (const q of [`${word} nowhere`, `${word} 100x_b`, `${word} oë`]) {
      expect(await idsOf({ q })).toEqual([]);
    }
  });

  it("refuses a cursor of other filters, and one of the inquiries", async () => {
    const { source } = await fourSubscribers();
    const path = `/subscribers?source=${source}&limit=1`;
    const { nextCursor } = await bodyOf<Page<Subscriber>>(get(path));
    expect((await get(`${path}&cursor=${nextCursor}`)).status).toBe(200);
    for (const other of [
      `/subscribers?cursor=${nextCursor}`,
      `/subscribers?source=${source}&status=ACTIVE&cursor=${nextCursor}`,
      `/inquiries?source=${source}&cursor=${nextCursor}`,
    ]) {
      expect(await codeOf(get(other), 400)).toBe("invalid_cursor");
    }
  });

  it.each([
    ["limit=0", "?limit"],
    ["status=NEW", "?status"],
    ["status=active", "?status"],
    ["order=random", "?order"],
    ["from=yesterday", "?from"],
    ["to=2026-13-01T00:00:00Z", "?to"],
    ["q=", "?q"],
    ["q=%00", "?q"],
    ["deleted=1", "?deleted"],
  ])("refuses ?%s", async (query, pointer) => {
    const problem = await expectProblem(
      await get(`/subscribers?${query}`),
      422,
      "validation_failed",
    );
    expect(Object.keys(valueErrors(problem))).toEqual([pointer]);
  });

  it.each(["0", "-1", "abc", "1e3", "9223372036854775808"])("refuses the id %s", async (id) => {
    expect(await codeOf(get(`/subscribers/${id}`), 400)).toBe("malformed_id");
  });
});

describe("what no answer holds", () => {
  it("is the token and the keys", async () => {
    const { id, email } = await aSubscriber();
    const { unsubscribeToken } = await subscriberOf(email ?? "");
    await bodyOf(patchJson(`/subscribers/${id}`, { status: "UNSUBSCRIBED" }));
    await bodyOf(patchJson(`/subscribers/${id}`, { status: "ACTIVE" }));
    const rotated = (await subscriberOf(email ?? "")).unsubscribeToken;
    for (const path of [
      `/subscribers/${id}`,
      `/subscribers/${id}/activity`,
      `/subscribers?q=${email}`,
      `/subscribers/export?q=${email}`,
      `/subscribers/export?q=${email}&format=ndjson`,
    ]) {
      const text = await (await get(path, "owner")).text();
      expect(text).toContain(id);
      for (const secret of [unsubscribeToken, rotated, "oken", "emailKey", "contentHash"]) {
        expect([path, text]).not.toEqual([path, expect.stringContaining(secret)]);
      }
    }
  });
});

describe("the bin of subscribers", () => {
  it("shows what was deleted to who may delete", async () => {
    const source = crypto.randomUUID();
    const { id } = await aDeletedSubscriber({ source });
    expect(await idsOf({ source }, "owner")).toEqual([]);
    expect(await idsOf({ source, deleted: "true" }, "owner")).toEqual([id]);
    expect(await bodyOf(get(`/subscribers/${id}?deleted=true`, "owner"))).toMatchObject({
      deletedAt: expect.any(String),
    });
    const trail = get(`/subscribers/${id}/activity?deleted=true`, "owner");
    expect((await bodyOf<Page<unknown>>(trail)).data).toHaveLength(2);
  });

  it("stays closed to an EMPLOYEE, whatever is asked", async () => {
    const secret = crypto.randomUUID();
    const { id } = await aDeletedSubscriber({ source: secret, name: secret });
    for (const path of [
      `/subscribers?source=${secret}`,
      `/subscribers?source=${secret}&deleted=true`,
      `/subscribers?source=${secret}&deleted=false&deleted=true`,
      `/subscribers?q=${secret}&where=1%3D1&deletedAt=null`,
      `/subscribers?source=${secret}'%20OR%20deleted_at%20IS%20NOT%20NULL--`,
      `/subscribers/${id}`,
      `/subscribers/${id}?deleted=true`,
      `/subscribers/${id}/activity?deleted=true`,
      `/subscribers/export?source=${secret}&deleted=true`,
    ]) {
      const text = await (await get(path)).text();
      expect([path, text]).not.toEqual([path, expect.stringContaining(`"${id}"`)]);
    }
    expect(await codeOf(patchJson(`/subscribers/${id}`, { name: "x" }), 404)).toBe(
      "subscriber_not_found",
    );
    expect((await send("POST", `/subscribers/${id}/restore`, "employee")).status).toBe(403);
  });
});
