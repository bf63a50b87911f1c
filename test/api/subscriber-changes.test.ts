import { eq } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { subscribers } from "../../src/db/schema.ts";
import type { SubscriberActivityEntry } from "../../src/subscribers/desk-schema.ts";
import type { Subscriber } from "../../src/subscribers/subscriber-schema.ts";
import { as, database, postJson } from "../support/worker/app.ts";
import { bodyOf, codeOf, get, type Page, patchJson, send } from "../support/worker/desk.ts";
import { watchNetwork } from "../support/worker/network.ts";
import {
  aDeletedSubscriber,
  anActiveSubscriber,
  aSubscriber,
  aSubscription,
  subscriberOf,
} from "../support/worker/subscribers.ts";

const at = ({ id }: { id: string }) => `/subscribers/${id}`;

/** The trail, newest first. */
async function trailOf(id: string): Promise<SubscriberActivityEntry[]> {
  const page = bodyOf<Page<SubscriberActivityEntry>>(get(`/subscribers/${id}/activity`, "owner"));
  return (await page).data;
}
const kindsOf = async (id: string) => (await trailOf(id)).map(({ kind }) => kind);

const enter = (email: string) => postJson("/subscribers", { email }, as("employee"));

describe("entering a subscriber", () => {
  it("puts them on the list at once, and logs who did it with the consent", async () => {
    const entry = aSubscription({
      name: "Ada",
      source: "fair",
      locale: "en-GB",
      consent: { page: "stand 7", wording: "Write to me." },
    });
    const answer = await postJson("/subscribers", entry, as("employee"));
    expect(answer.headers.get("etag")).toBe('"v1"');
    const subscriber = await bodyOf<Subscriber>(answer, 201);
    expect(answer.headers.get("location")).toMatch(new RegExp(`${at(subscriber)}$`));
    expect(subscriber).toMatchObject({
      ...entry,
      status: "ACTIVE",
      createdBy: "emil",
      consent: { at: subscriber.subscribedAt, page: "stand 7", wording: "Write to me." },
    });
    expect(await trailOf(subscriber.id)).toMatchObject([
      { kind: "join", actor: "emil", source: "fair", consent: { page: "stand 7" } },
    ]);
    expect(await bodyOf(get(at(subscriber)))).toEqual(subscriber);
  });

  it("tells of a known address, in any spelling, what became of it, and leaves it so", async () => {
    const active = await aSubscriber();
    const left = await aSubscriber();
    await bodyOf(patchJson(at(left), { status: "UNSUBSCRIBED" }));
    const binned = await aDeletedSubscriber();
    for (const [known, code] of [
      [active, "subscriber_active"],
      [left, "subscriber_unsubscribed"],
      [binned, "subscriber_in_bin"],
    ] as const) {
      const before = await subscriberOf(known.email ?? "");
      const problem = await bodyOf(enter(` ${known.email?.toUpperCase()} `), 409);
      expect(problem).toMatchObject({ code, subscriberId: known.id });
      expect(await subscriberOf(known.email ?? "")).toEqual(before);
    }
  });

  it("refuses an address that was erased", async () => {
    const email = await anActiveSubscriber();
    await bodyOf(postJson("/privacy/erase", { email }, as("owner")));
    expect(await codeOf(enter(email), 409)).toBe("subscriber_erased");
    const other = await aSubscriber();
    expect(await codeOf(patchJson(at(other), { email, name: "Eve" }), 409)).toBe(
      "subscriber_erased",
    );
    expect(await bodyOf(get(at(other)))).toEqual(other);
  });

  it("at once by two is one subscriber", async () => {
    const { email } = aSubscription();
    const answers = await Promise.all(Array.from({ length: 8 }, () => enter(email)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(7).fill(409)]);
  });

  it.each([
    [{}],
    [{ email: "nobody" }],
    [{ email: "a@b.c", status: "ACTIVE" }],
    [{ email: "a@b.c", unsubscribeToken: "1" }],
    [{ email: "a@b.c", name: "a\0b" }],
    [{ email: "a@b.c", locale: "not a tag" }],
    [{ email: "a@b.c", consent: { at: "2020-01-01T00:00:00Z" } }],
    [null],
  ])("refuses %j", async (entry) => {
    expect(await codeOf(postJson("/subscribers", entry, as("employee")), 422)).toBe(
      "validation_failed",
    );
  });
});

describe("patching a subscriber", () => {
  it("changes what is there, leaves what is not, takes away what is null, and logs it", async () => {
    const subscriber = await aSubscriber({ name: "Ada", source: "fair" });
    const { email } = aSubscription();
    const patch = { name: null, locale: "de", email };
    const answer = await patchJson(at(subscriber), patch);
    expect(answer.headers.get("etag")).toBe('"v2"');
    expect(await bodyOf(answer)).toEqual({
      ...subscriber,
      ...patch,
      version: 2,
      modifiedBy: "emil",
      modifiedAt: expect.any(String),
    });
    const [entry] = await trailOf(subscriber.id);
    expect(entry).toMatchObject({
      kind: "edit",
      actor: "emil",
      changes: {
        name: { before: "Ada", after: null },
        locale: { before: null, after: "de" },
        email: { before: subscriber.email, after: email },
      },
    });
    expect((await subscriberOf(email)).id).toBe(subscriber.id);
  });

  it.each([[{}], [{ status: "ACTIVE", locale: null }], [{ consent: { page: "x" } }]])(
    "leaves no trace when %j changes nothing",
    async (patch) => {
      const subscriber = await aSubscriber();
      expect(await bodyOf(patchJson(at(subscriber), patch))).toEqual(subscriber);
      expect(await kindsOf(subscriber.id)).toEqual(["join"]);
    },
  );

  it("refuses the address of another, with what became of that one", async () => {
    const left = await aSubscriber();
    await bodyOf(patchJson(at(left), { status: "UNSUBSCRIBED" }));
    const subscriber = await aSubscriber();
    const patch = { email: left.email?.toUpperCase(), name: "Eve" };
    expect(await bodyOf(patchJson(at(subscriber), patch), 409)).toMatchObject({
      code: "subscriber_unsubscribed",
      subscriberId: left.id,
    });
    expect(await bodyOf(get(at(subscriber)))).toEqual(subscriber);
  });

  it("may write the same address otherwise", async () => {
    const subscriber = await aSubscriber();
    const email = subscriber.email?.toUpperCase();
    expect(await bodyOf(patchJson(at(subscriber), { email }))).toMatchObject({ email, version: 2 });
  });

  it("ends a subscription, and begins another whose token is new and whose consent is not the old", async () => {
    const subscriber = await aSubscriber({ consent: { wording: "Write to me." } });
    const { unsubscribeToken } = await subscriberOf(subscriber.email ?? "");
    const left = await bodyOf<Subscriber>(patchJson(at(subscriber), { status: "UNSUBSCRIBED" }));
    expect(left).toMatchObject({ status: "UNSUBSCRIBED", unsubscribedAt: expect.any(String) });
    const again = await bodyOf<Subscriber>(patchJson(at(subscriber), { status: "ACTIVE" }));
    expect(again).toMatchObject({ status: "ACTIVE", unsubscribedAt: null, consent: null });
    expect(again.subscribedAt > subscriber.subscribedAt).toBe(true);
    const rotated = await subscriberOf(subscriber.email ?? "");
    expect(rotated.unsubscribeToken).not.toBe(unsubscribeToken);
    expect(await kindsOf(subscriber.id)).toEqual(["join", "leave", "join"]);
    await bodyOf(patchJson(at(subscriber), { status: "UNSUBSCRIBED" }));
    const agreed = { status: "ACTIVE", consent: { wording: "By telephone." } };
    expect(await bodyOf(patchJson(at(subscriber), agreed))).toMatchObject({
      consent: { at: expect.stringMatching(/^\d{4}-.*T.*\.\d{3}Z$/), wording: "By telephone." },
    });
  });

  it("brings back what was taken for spam, with its consent", async () => {
    const subscriber = await aSubscriber({ consent: { wording: "Write to me." } });
    await database()
      .update(subscribers)
      .set({ status: "UNSUBSCRIBED", spamReasons: ["links"] })
      .where(eq(subscribers.id, subscriber.id));
    expect(await bodyOf(patchJson(at(subscriber), { status: "ACTIVE" }))).toMatchObject({
      spamReasons: [],
      consent: subscriber.consent,
    });
  });

  it.each([
    [{ status: null }],
    [{ status: "GONE" }],
    [{ email: null }],
    [{ email: "nobody" }],
    [{ id: "1" }],
    [{ unsubscribeToken: "1" }],
    [{ subscribedAt: "2020-01-01T00:00:00Z" }],
    [[]],
  ])("refuses %j", async (patch) => {
    const subscriber = await aSubscriber();
    expect(await codeOf(patchJson(at(subscriber), patch), 422)).toBe("validation_failed");
    expect(await bodyOf(get(at(subscriber)))).toEqual(subscriber);
  });
});

describe("two clerks at one subscriber", () => {
  it("who patch the same version: one succeeds, one is told, and the trail has one entry", async () => {
    const subscriber = await aSubscriber();
    const etag = (await get(at(subscriber))).headers.get("etag") ?? "";
    const answers = await Promise.all([
      patchJson(at(subscriber), { name: "Ada" }, "employee", { "if-match": etag }),
      patchJson(at(subscriber), { name: "Augusta" }, "owner", { "if-match": etag }),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412]);
    const loser = answers.find(({ status }) => status === 412) as Response;
    expect(await codeOf(loser, 412)).toBe("stale_version");
    expect(await kindsOf(subscriber.id)).toEqual(["edit", "join"]);
  });

  it("are told of a stale version before anything else", async () => {
    const subscriber = await aSubscriber();
    const stale = { "if-match": '"v9"' };
    expect(await codeOf(patchJson(at(subscriber), {}, "employee", stale), 412)).toBe(
      "stale_version",
    );
    expect(await codeOf(send("DELETE", at(subscriber), "owner", stale), 412)).toBe("stale_version");
  });

  it.each(["40P01", "40001"])(
    "who lock each other out (%s): the statement is repeated once, then it is 503",
    async (code) => {
      const subscriber = await aSubscriber();
      for (const [failures, status] of [
        [1, 200],
        [2, 503],
      ] as const) {
        let failed = 0;
        watchNetwork(async (request) => {
          const changes = (await request.clone().text()).includes('UPDATE \\"subscribers\\"');
          if (!changes || failed === failures) return undefined;
          failed += 1;
          return Response.json({ message: "deadlock detected", code }, { status: 400 });
        });
        const answer = await patchJson(at(subscriber), { name: crypto.randomUUID() });
        expect([answer.status, failed]).toEqual([status, failures]);
      }
      expect(await kindsOf(subscriber.id)).toEqual(["edit", "join"]);
    },
  );
});

describe("the bin", () => {
  it("gives back the status that was there, and takes a second time without a trace", async () => {
    const subscriber = await aSubscriber();
    for (const _ of [1, 2]) expect((await send("DELETE", at(subscriber))).status).toBe(204);
    expect(await codeOf(get(at(subscriber)), 404)).toBe("subscriber_not_found");
    expect(await codeOf(patchJson(at(subscriber), { name: "x" }), 404)).toBe(
      "subscriber_not_found",
    );
    for (const _ of [1, 2]) {
      const restored = bodyOf(send("POST", `${at(subscriber)}/restore`));
      expect(await restored).toMatchObject({ status: "ACTIVE", version: 3, deletedAt: null });
    }
    expect(await kindsOf(subscriber.id)).toEqual(["restore", "delete", "join"]);
  });

  it("keeps who was erased", async () => {
    const subscriber = await aSubscriber();
    await bodyOf(postJson("/privacy/erase", { email: subscriber.email }, as("owner")));
    const restored = send("POST", `${at(subscriber)}/restore`);
    expect(await codeOf(restored, 409)).toBe("subscriber_erased");
    expect(await codeOf(get(at(subscriber)), 404)).toBe("subscriber_not_found");
  });
});

describe("a CASHIER", () => {
  it("has nothing to do with subscribers", async () => {
    const { id } = await aSubscriber();
    for (const [method, path] of [
      ["GET", "/subscribers"],
      ["POST", "/subscribers"],
      ["GET", `/subscribers/${id}`],
      ["PATCH", `/subscribers/${id}`],
      ["DELETE", `/subscribers/${id}`],
      ["POST", `/subscribers/${id}/restore`],
      ["GET", `/subscribers/${id}/activity`],
      ["GET", "/subscribers/count"],
      ["GET", "/subscribers/statistics"],
      ["GET", "/subscribers/export"],
      ["GET", "/subscribers/mailing"],
      ["POST", "/subscribers/import"],
    ] as const) {
      expect([path, await codeOf(send(method, path, "cashier"), 403)]).toEqual([path, "forbidden"]);
    }
  });

  it.each(["delete", "restore", "export", "mailing", "import"])(
    "and an EMPLOYEE may not %s",
    async (what) => {
      const { id } = await aSubscriber();
      const answer = {
        delete: () => send("DELETE", `/subscribers/${id}`, "employee"),
        restore: () => send("POST", `/subscribers/${id}/restore`, "employee"),
        export: () => get("/subscribers/export"),
        mailing: () => get("/subscribers/mailing"),
        import: () => send("POST", "/subscribers/import", "employee"),
      }[what];
      expect(await codeOf(answer?.() ?? Response.error(), 403)).toBe("forbidden");
    },
  );
});
