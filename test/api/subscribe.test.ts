import { eq } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { subscribers } from "../../src/db/schema.ts";
import { call, database, postForm, postJson } from "../support/worker/app.ts";
import { appWithMetrics, scrapeFrom } from "../support/worker/metrics.ts";
import { appWith } from "../support/worker/own-app.ts";
import { expectProblem, valueErrors } from "../support/worker/problems.ts";
import { eventsIn } from "../support/worker/spool.ts";
import {
  anActiveSubscriber,
  aSubscription,
  subscribe,
  subscriberOf,
  subscribersOf,
  subscribeTo,
  tokenOf,
  trailOf,
} from "../support/worker/subscribers.ts";

const leave = async (email: string) => {
  const answer = await postJson("/subscribers/unsubscribe", { token: await tokenOf(email) });
  expect(answer.status).toBe(200);
};

/** As the desk would. */
const putInBin = (email: string, at = new Date()) =>
  database()
    .update(subscribers)
    .set({ deletedAt: at, deletedBy: "olivia", modifiedAt: at, modifiedBy: "olivia" })
    .where(eq(subscribers.emailKey, email));

/** Five ways of writing one address. */
function spellingsOf(unique: string) {
  const spellings = [
    `ada.${unique}@bücher.example`,
    ` Ada.${unique}@Bücher.Example `,
    `ADA.${unique.toUpperCase()}@BÜCHER.EXAMPLE`,
    `ada.${unique}@xn--bcher-kva.example`,
    `\tAda.${unique}@XN--BCHER-KVA.example`,
  ];
  return { spellings, nth: (n: number) => spellings[n % 5] ?? "" };
}

/** What the room `subscribers` heard of one, oldest first, once it has heard of the last. */
async function typesHeardOf(id: string): Promise<string[]> {
  // Announcements follow answers in their order: this one is the last.
  const last = await subscriberOf(await anActiveSubscriber());
  await expect
    .poll(async () => (await eventsIn("subscribers")).map(({ data }) => data.id))
    .toContain(last.id);
  return (await eventsIn("subscribers")).flatMap(({ type, data }) =>
    data.id === id ? [type] : [],
  );
}

/** Everything a caller can see of an answer, but for what differs between any two: name and time. */
async function seenOf(answer: Response) {
  const headers = [...answer.headers]
    .filter(([name]) => name !== "x-request-id")
    .map(([name, value]) => [name, value.replaceAll(/;t=\d+/g, ";t=0")]);
  return { status: answer.status, headers, body: await answer.text() };
}

describe("signing up", () => {
  it("answers 202 ACCEPTED and stores who, from where, and what was agreed to", async () => {
    const before = Date.now();
    const subscription = aSubscription({
      name: "Ada Byron",
      source: "footer",
      locale: "en-GB",
      consent: { page: "https://www.shop.test/news", wording: "Write to me\r\nonce a month." },
    });
    const answer = await subscribe(subscription);
    expect(answer.status).toBe(202);
    expect(await answer.json()).toEqual({ status: "ACCEPTED" });
    const row = await subscriberOf(subscription.email);
    expect(row).toMatchObject({
      ...subscription,
      status: "ACTIVE",
      version: 1,
      unsubscribedAt: null,
      consent: {
        at: row.subscribedAt.toISOString(),
        page: "https://www.shop.test/news",
        wording: "Write to me\nonce a month.",
      },
    });
    expect(row.subscribedAt.getTime()).toBeGreaterThanOrEqual(before - 1000);
    expect(row.unsubscribeToken).not.toBe(row.id);
    expect(await trailOf(subscription.email)).toEqual(["join"]);
  });

  it("notes when it was agreed to, and lets nobody else say so", async () => {
    const email = await anActiveSubscriber();
    const { consent, subscribedAt } = await subscriberOf(email);
    expect(consent).toEqual({ at: subscribedAt.toISOString() });
    const forged = aSubscription({ consent: { at: "2020-01-01T00:00:00Z" } });
    const problem = await expectProblem(await subscribe(forged), 422, "validation_failed");
    expect(valueErrors(problem)).toEqual({ "/consent/at": "unknown_field" });
  });

  it.each([
    [{ status: "ACTIVE" }, "/status", "unknown_field"],
    [{ unsubscribeToken: "1" }, "/unsubscribeToken", "unknown_field"],
    [{ email: "nobody" }, "/email", "invalid_format"],
    [{ email: undefined }, "/email", "required"],
    [{ name: "a\r\nBcc: b" }, "/name", "custom"],
    [{ locale: "klingon!" }, "/locale", "invalid_format"],
    [{ consent: "yes" }, "/consent", "invalid_type"],
  ])("refuses %j", async (changes, pointer, code) => {
    const problem = await expectProblem(
      await subscribe(aSubscription(changes)),
      422,
      "validation_failed",
    );
    expect(valueErrors(problem)).toEqual({ [pointer]: code });
  });

  it("takes fifty spellings of one address at once as one, and answers each alike", async () => {
    const { spellings, nth } = spellingsOf(crypto.randomUUID());
    // Each in an isolate of its own: in one, the limit of three an hour for an address would refuse.
    const answers = await Promise.all(
      Array.from({ length: 50 }, async (_, n) =>
        seenOf(await subscribeTo(appWith(), { email: nth(n) })),
      ),
    );
    expect(new Set(answers.map((each) => JSON.stringify(each))).size).toBe(1);
    expect(answers[0]).toMatchObject({ status: 202, body: '{"status":"ACCEPTED"}' });
    expect(await subscribersOf(spellings[0] ?? "")).toHaveLength(1);
    expect(await trailOf(spellings[0] ?? "")).toEqual(["join"]);
  });

  it("counts the spellings of an address as one in its limit", async () => {
    const { nth } = spellingsOf(crypto.randomUUID());
    const app = appWith();
    const answers = await Promise.all(
      Array.from({ length: 5 }, (_, n) => subscribeTo(app, { email: nth(n) })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 202, 202, 429, 429]);
    const refused = answers.find(({ status }) => status === 429);
    expect(await refused?.json()).toMatchObject({ violatedPolicies: ["subscribe-email"] });
  });

  it("does not tell by its headers how often an address was used", async () => {
    const email = await anActiveSubscriber();
    const limit = (await subscribe({ email })).headers.get("ratelimit");
    expect(limit).toContain('"subscribe";r=4');
    expect(limit).not.toContain("subscribe-email");
  });
});

describe("an address that is known", () => {
  it("stays as it is while it is ACTIVE, token and all, and is not announced again", async () => {
    const email = await anActiveSubscriber({ name: "Ada", source: "footer" });
    const before = await subscriberOf(email);
    const again = await subscribe({ email, name: "Mallory", source: "elsewhere" });
    expect(again.status).toBe(202);
    expect(await subscriberOf(email)).toEqual(before);
    expect(await trailOf(email)).toEqual(["join"]);
    expect(await typesHeardOf(before.id)).toEqual(["subscriber.subscribed"]);
  });

  it("that had left becomes ACTIVE again, with a new token, time and consent", async () => {
    const email = await anActiveSubscriber({ name: "Ada", consent: { wording: "Then." } });
    const first = await subscriberOf(email);
    await leave(email);
    await subscribe({ email, consent: { wording: "Now." }, source: "news" });
    const row = await subscriberOf(email);
    expect(row).toMatchObject({
      id: first.id,
      status: "ACTIVE",
      name: "Ada",
      source: "news",
      unsubscribedAt: null,
      version: 3,
      consent: { at: row.subscribedAt.toISOString(), wording: "Now." },
    });
    expect(row.unsubscribeToken).not.toBe(first.unsubscribeToken);
    expect(row.subscribedAt.getTime()).toBeGreaterThan(first.subscribedAt.getTime());
    expect(await trailOf(email)).toEqual(["join", "leave", "join"]);
    expect(await typesHeardOf(row.id)).toEqual([
      "subscriber.subscribed",
      "subscriber.unsubscribed",
      "subscriber.subscribed",
    ]);
  });

  it("comes out of the bin", async () => {
    const email = await anActiveSubscriber();
    await putInBin(email);
    await subscribe({ email });
    expect(await subscriberOf(email)).toMatchObject({
      status: "ACTIVE",
      deletedAt: null,
      deletedBy: null,
      modifiedBy: null,
    });
    expect(await trailOf(email)).toEqual(["join", "delete", "join"]);
  });

  it("is answered like any other: new, ACTIVE, returning, binned, spam", async () => {
    const [active, gone, binned] = await Promise.all([
      anActiveSubscriber(),
      anActiveSubscriber(),
      anActiveSubscriber(),
    ]);
    await leave(gone);
    await putInBin(binned);
    const bodies = [
      aSubscription(),
      { email: active },
      { email: gone },
      { email: binned },
      aSubscription({ _gotcha: "filled" }),
      { email: active, _gotcha: "filled" },
    ];
    const seen = await Promise.all(
      bodies.map(async (body) => JSON.stringify(await seenOf(await subscribe(body)))),
    );
    expect(new Set(seen).size).toBe(1);
  });
});

describe("an Idempotency-Key", () => {
  const aKey = () => ({ "idempotency-key": crypto.randomUUID() });

  it("makes a repetition known as one, and do nothing, even to one who has left since", async () => {
    const [body, key] = [aSubscription(), aKey()];
    const first = await subscribe(body, key);
    expect(first.headers.get("idempotency-replayed")).toBeNull();
    await leave(body.email);
    const again = await subscribe(body, key);
    expect(again.status).toBe(202);
    expect(again.headers.get("idempotency-replayed")).toBe("true");
    expect(await subscriberOf(body.email)).toMatchObject({ status: "UNSUBSCRIBED" });
  });

  it("is refused for other content and for another address, and nothing changes", async () => {
    const [body, key] = [aSubscription(), aKey()];
    await subscribe(body, key);
    const before = await subscriberOf(body.email);
    const other = aSubscription();
    for (const wrong of [{ ...body, name: "Other" }, other]) {
      await expectProblem(await subscribe(wrong, key), 422, "idempotency_key_reused");
    }
    expect(await subscriberOf(body.email)).toEqual(before);
    expect(await subscribersOf(other.email)).toEqual([]);
  });

  it("of an earlier time does not stand in the way of a later one", async () => {
    const body = aSubscription();
    await subscribe(body, aKey());
    await leave(body.email);
    const answer = await subscribe(body, aKey());
    expect(answer.headers.get("idempotency-replayed")).toBeNull();
    expect(await subscriberOf(body.email)).toMatchObject({ status: "ACTIVE" });
  });

  it("sent twenty times at once makes one row, and never a conflict", async () => {
    const [body, key] = [aSubscription(), aKey()];
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => subscribeTo(appWith(), body, key)),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(202));
    expect(await trailOf(body.email)).toEqual(["join"]);
  });

  it("is not needed to join, leave and join again within a moment", async () => {
    const body = aSubscription();
    await subscribe(body);
    await leave(body.email);
    await subscribe(body);
    expect(await subscriberOf(body.email)).toMatchObject({ status: "ACTIVE" });
  });
});

describe("what looks like spam", () => {
  it.each([
    [{ _gotcha: "me" }, ["honeypot"]],
    [{ _stamp: "forged" }, ["stamp_invalid"]],
    [{ name: "Win at https://casino.test" }, ["link_in_name"]],
  ])(
    "is kept with its reasons, gets no mail and is not announced: %j",
    async (changes, reasons) => {
      const body = aSubscription(changes);
      expect((await subscribe(body)).status).toBe(202);
      const row = await subscriberOf(body.email);
      expect(row).toMatchObject({
        status: "UNSUBSCRIBED",
        unsubscribedAt: null,
        spamReasons: reasons,
      });
      expect(await trailOf(body.email)).toEqual(["create"]);
      expect(await typesHeardOf(row.id)).toEqual([]);
    },
  );

  it("changes nothing about an address that is known", async () => {
    const email = await anActiveSubscriber();
    await leave(email);
    const before = await subscriberOf(email);
    await subscribe({ email, _gotcha: "me" });
    expect(await subscriberOf(email)).toEqual(before);
  });

  it("does not keep the address from being signed up by a person", async () => {
    const body = aSubscription();
    await subscribe({ ...body, _gotcha: "me" });
    await subscribe(body);
    const row = await subscriberOf(body.email);
    expect(row).toMatchObject({ status: "ACTIVE", spamReasons: [] });
    expect(await trailOf(body.email)).toEqual(["create", "join"]);
    expect(await typesHeardOf(row.id)).toEqual(["subscriber.subscribed"]);
  });
});

describe("an HTML form", () => {
  it.each([
    ["urlencoded", (form: FormData) => new URLSearchParams([...form] as [string, string][])],
    ["multipart", (form: FormData) => form],
  ])("signs up %s, with the wording of its checkbox, whatever else is in it", async (_, encode) => {
    const { email } = aSubscription();
    const form = new FormData();
    const fields = { email, name: "Ada", source: "", consent: "Write.", page: "/news", extra: "x" };
    for (const [name, value] of Object.entries(fields)) form.set(name, value);
    const answer = await call("/subscribers/subscribe", { method: "POST", body: encode(form) });
    expect(answer.status).toBe(202);
    expect(await subscriberOf(email)).toMatchObject({
      name: "Ada",
      source: null,
      consent: { page: "/news", wording: "Write." },
    });
  });

  it("from a browser gets a page that is the same for every address, or is led on", async () => {
    const known = await anActiveSubscriber();
    const pages = await Promise.all(
      [known, aSubscription().email].map(async (email) => {
        const answer = await postForm("/subscribers/subscribe", { email });
        expect(answer.status).toBe(200);
        return (await answer.text()).replaceAll(/nonce="[^"]*"/g, "");
      }),
    );
    expect(pages[0]).toBe(pages[1]);
    const target = "https://www.shop.test/thanks";
    const { email } = aSubscription();
    const led = await postForm("/subscribers/subscribe", { email, _redirect: target });
    expect([led.status, led.headers.get("location")]).toEqual([303, target]);
  });

  it("comes back to be corrected, with everything in it", async () => {
    const fields = { email: "nobody", name: "<Ada>", source: "footer", consent: "Write." };
    const answer = await postForm("/subscribers/subscribe", fields);
    expect(answer.status).toBe(422);
    const page = await answer.text();
    expect(page).toContain('value="nobody" aria-invalid="true"');
    expect(page).toContain('value="&lt;Ada&gt;"');
    expect(page).toContain('type="hidden" name="consent" value="Write."');
  });
});

it("is counted by what became of it", async () => {
  const app = appWithMetrics();
  const { series: before } = await scrapeFrom(app);
  const [body, key] = [aSubscription(), { "idempotency-key": crypto.randomUUID() }];
  for (const each of [body, body, aSubscription({ _gotcha: "me" }), {}])
    await subscribeTo(app, each, key);
  await app.settled();
  const { series } = await scrapeFrom(app);
  const grown = (outcome: string) => {
    const name = `outreach_subscriptions_total{outcome="${outcome}"}`;
    return (series.get(name) ?? 0) - (before.get(name) ?? 0);
  };
  // The key stands for another address by then.
  expect([grown("stored"), grown("replayed"), grown("invalid")]).toEqual([1, 1, 2]);
});
