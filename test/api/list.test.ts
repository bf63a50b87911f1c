import { eq } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { inquiries } from "../../src/db/schema.ts";
import { as, call, database } from "../support/worker/app.ts";
import { storeInquiry } from "../support/worker/factories.ts";
import { expectProblem } from "../support/worker/problems.ts";

type Who = Parameters<typeof as>[0];

interface Listed {
  id: string;
  status: string;
  email: string;
  phone: string | null;
  metadata: Record<string, string>;
}

async function list(query: string, who: Who = "employee") {
  const answer = await call(`/inquiries?${query}`, { headers: as(who) });
  expect(answer.status).toBe(200);
  return answer.json<{ data: Listed[]; nextCursor: string | null }>();
}

/** Every id of a walk by cursor, page after page. @param between runs after each page but the last */
async function walk(query: string, between: () => Promise<unknown> = async () => {}) {
  const ids: string[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const { data, nextCursor }: Awaited<ReturnType<typeof list>> = await list(
      cursor === "" ? query : `${query}&cursor=${encodeURIComponent(cursor)}`,
    );
    ids.push(...data.map(({ id }) => id));
    cursor = nextCursor;
    if (cursor !== null) await between();
  }
  return ids;
}

const newestFirst = (ids: readonly string[]) =>
  ids.toSorted((a, b) => (BigInt(a) < BigInt(b) ? 1 : -1));

/** Resolved inquiries of one source, oldest first: a walk through them stays short. */
async function storeResolved(rows: number, source: string): Promise<string[]> {
  const ids: string[] = [];
  for (let i = 0; i < rows; i += 1) ids.push(await storeInquiry({ status: "RESOLVED", source }));
  return ids;
}

describe("the list", () => {
  it("is newest first, with ids as strings", async () => {
    const mine = [await storeInquiry(), await storeInquiry(), await storeInquiry()];
    const { data } = await list("limit=200");
    const ids = data.map(({ id }) => id);
    expect(ids.every((id) => typeof id === "string")).toBe(true);
    expect(ids).toEqual(newestFirst(ids));
    expect(ids.filter((id) => mine.includes(id))).toEqual(mine.toReversed());
  });

  it("walked by cursor yields everything exactly once, while rows are being inserted", async () => {
    for (const limit of [1, 2, 3, 6, 7, 8, 200]) {
      const source = crypto.randomUUID();
      const mine = await storeResolved(7, source);
      const later: string[] = [];
      const ids = await walk(`status=RESOLVED&source=${source}&limit=${limit}`, async () => {
        later.push(await storeInquiry({ status: "RESOLVED", source }));
      });
      expect(ids).toEqual(mine.toReversed());
      expect(later).toHaveLength(Math.ceil(7 / limit) - 1);
    }
  });

  it("holds as many rows as the limit, fifty unless told, and says when it ends", async () => {
    const source = crypto.randomUUID();
    await Promise.all(Array.from({ length: 51 }, () => storeInquiry({ source })));
    const page = await list(`source=${source}&limit=2`);
    expect(page.data).toHaveLength(2);
    expect(page.nextCursor).not.toBeNull();
    const whole = await list(`source=${source}&limit=200`);
    expect(whole.nextCursor).toBeNull();
    expect((await list(`source=${source}`)).data).toHaveLength(50);
  });

  it("filters by one status and by several, whatever their order", async () => {
    const started = await storeInquiry({ status: "IN_PROGRESS" });
    const cancelled = await storeInquiry({ status: "CANCELLED" });
    const fresh = await storeInquiry();
    const one = await list("status=IN_PROGRESS&limit=200");
    expect(new Set(one.data.map(({ status }) => status))).toEqual(new Set(["IN_PROGRESS"]));
    expect(one.data.map(({ id }) => id)).toContain(started);

    const first = await list("status=IN_PROGRESS&status=CANCELLED&limit=1");
    expect(first.data.map(({ id }) => id)).toEqual([cancelled]);
    const cursor = encodeURIComponent(first.nextCursor ?? "");
    const next = await list(`status=CANCELLED&status=IN_PROGRESS&limit=1&cursor=${cursor}`);
    expect(next.data.map(({ id }) => id)).toEqual([started]);
    const both = await list("status=CANCELLED&status=IN_PROGRESS&limit=200");
    expect(both.data.map(({ id }) => id)).not.toContain(fresh);
  });

  it("never shows a deleted row, alone or in the list", async () => {
    const kept = await storeInquiry();
    const deleted = await storeInquiry();
    const get = (query = "") => call(`/inquiries/${deleted}${query}`, { headers: as("owner") });
    expect((await get()).status).toBe(200);
    await database()
      .update(inquiries)
      .set({ deletedAt: new Date() })
      .where(eq(inquiries.id, deleted));
    for (const query of ["", "?deleted=false"]) {
      await expectProblem(await get(query), 404, "inquiry_not_found");
    }
    const { data } = await list("limit=200", "owner");
    const ids = data.map(({ id }) => id);
    expect(ids).toContain(kept);
    expect(ids).not.toContain(deleted);
  });
});

describe("one inquiry", () => {
  it("carries its version as the ETag", async () => {
    const id = await storeInquiry({ version: 7 });
    const answer = await call(`/inquiries/${id}`, { headers: as("employee") });
    expect(answer.headers.get("etag")).toBe('"v7"');
    expect(await answer.json()).toMatchObject({ id, version: 7 });
  });

  it("never holds the address's hash, the receipt or the fingerprint", async () => {
    const key = crypto.randomUUID();
    const id = await storeInquiry({ submissionKey: key, contentHash: key, clientHash: key });
    const text = await (await call(`/inquiries/${id}`, { headers: as("owner") })).text();
    expect(text).toContain(id);
    expect(text).not.toContain(key);
  });
});

describe("contact details", () => {
  const contact = {
    email: "ada@example.com",
    phone: "+44 20 7946 0018",
    metadata: { mobile: "+44 7946 0018", second: "ada@example.org" },
  };

  /** The inquiry as it comes alone, and as it comes in the list. */
  async function bothWays(id: string, who: Who) {
    const alone = await call(`/inquiries/${id}`, { headers: as(who) });
    const { data } = await list("limit=200", who);
    return [await alone.json<Listed>(), data.find((row) => row.id === id)];
  }

  it.each<Who>(["employee", "owner"])("are shown to the %s", async (who) => {
    const id = await storeInquiry(contact);
    for (const seen of await bothWays(id, who)) expect(seen).toMatchObject(contact);
  });

  it("are masked for the cashier, who still sees which are there", async () => {
    const source = "card of mallory@example.net";
    const id = await storeInquiry({ ...contact, name: "Ada Byron", source });
    for (const seen of await bothWays(id, "cashier")) {
      expect(seen).toMatchObject({ id, name: "Ada Byron" });
      expect(Object.keys(seen?.metadata ?? {})).toEqual(["mobile", "second"]);
      const text = JSON.stringify(seen);
      for (const secret of [
        "mallory@",
        contact.email,
        contact.phone,
        ...Object.values(contact.metadata),
      ]) {
        expect(text).not.toContain(secret);
      }
    }
    const [withoutPhone] = await bothWays(await storeInquiry(), "cashier");
    expect(withoutPhone?.phone).toBeNull();
  });
});
