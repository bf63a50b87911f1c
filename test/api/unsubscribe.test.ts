import { describe, expect, it } from "vitest";
import { createSigner } from "../../src/auth/signing.ts";
import { call, postForm, postJson } from "../support/worker/app.ts";
import { watchNetwork } from "../support/worker/network.ts";
import { appWith } from "../support/worker/own-app.ts";
import { expectProblem } from "../support/worker/problems.ts";
import {
  anActiveSubscriber,
  ownSigner,
  subscribe,
  subscriberOf,
  tokenOf,
  trailOf,
} from "../support/worker/subscribers.ts";

const PATH = "/subscribers/unsubscribe";
const ONE_CLICK = { "List-Unsubscribe": "One-Click" };

const linkFor = (token: string) => `${PATH}?token=${encodeURIComponent(token)}`;
const linkOf = async (email: string) => linkFor(await tokenOf(email));
const statusOf = async (email: string) => (await subscriberOf(email)).status;

/** RFC 8058, section 3.2, in either encoding; `headers` are what some provider adds. */
function clickOnce(
  link: string,
  encoding: "urlencoded" | "multipart",
  headers: Record<string, string> = {},
) {
  const form = new FormData();
  form.set("List-Unsubscribe", "One-Click");
  const body = encoding === "multipart" ? form : new URLSearchParams(ONE_CLICK);
  return call(link, { method: "POST", body, headers, redirect: "manual" });
}

describe("following the link", () => {
  it("a hundred times, with HEAD and prefetches among them, changes nothing", async () => {
    const email = await anActiveSubscriber();
    const before = await subscriberOf(email);
    const link = await linkOf(email);
    const ways: RequestInit[] = [
      {},
      { method: "HEAD" },
      { headers: { purpose: "prefetch", "sec-purpose": "prefetch;prerender" } },
      { headers: { accept: "text/html", "user-agent": "SafeLinks scanner" } },
      { headers: { "x-moz": "prefetch", accept: "*/*" } },
    ];
    const calls = watchNetwork();
    for (let n = 0; n < 100; n += 1) {
      const answer = await call(link, ways[n % ways.length]);
      expect(answer.status).toBe(200);
      await answer.text();
    }
    // Nobody so much as asks whether the token is still good.
    expect(calls).toEqual([]);
    expect(await subscriberOf(email)).toEqual(before);
  });

  it("shows a page of one button that posts, without script and without the token", async () => {
    const token = await tokenOf(await anActiveSubscriber());
    const answer = await call(linkFor(token), { headers: { accept: "text/html" } });
    expect(answer.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(answer.headers.get("referrer-policy")).toBe("no-referrer");
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.headers.get("content-security-policy")).toMatch(
      /^default-src 'none'; style-src 'nonce-[^']+'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
    );
    const page = await answer.text();
    expect(page).toContain('<meta name="robots" content="noindex">');
    expect(page.match(/<button/g)).toHaveLength(1);
    expect(page).toContain('<form method="post">');
    expect(page).not.toMatch(/<script|\son\w+=|http-equiv/i);
    for (const part of token.split(".")) expect(page).not.toContain(part);
  });

  it("answers a bad token alike, as a page or for a program", async () => {
    for (const link of [PATH, linkFor("1.x"), `${PATH}?token=1&token=2`]) {
      await expectProblem(await call(link), 400, "invalid_token");
      const page = await call(link, { headers: { accept: "text/html" } });
      expect([page.status, page.headers.get("content-type")]).toEqual([
        400,
        "text/html; charset=utf-8",
      ]);
      expect((await call(link, { method: "HEAD" })).status).toBe(400);
    }
  });
});

describe("one click", () => {
  it.each(["urlencoded", "multipart"] as const)(
    "%s ends it, and again is 200",
    async (encoding) => {
      const email = await anActiveSubscriber();
      const link = await linkOf(email);
      for (const _time of ["first", "again"]) {
        const answer = await clickOnce(link, encoding);
        expect(answer.status).toBe(200);
        expect(await answer.json()).toEqual({ status: "UNSUBSCRIBED" });
        expect(answer.headers.get("set-cookie")).toBeNull();
        expect(answer.headers.get("location")).toBeNull();
      }
      const row = await subscriberOf(email);
      expect(row).toMatchObject({ status: "UNSUBSCRIBED", version: 2, modifiedBy: null });
      expect(row.unsubscribedAt).not.toBeNull();
      expect(await trailOf(email)).toEqual(["join", "leave"]);
    },
  );

  it("ends it when a program puts a line end behind the words", async () => {
    const email = await anActiveSubscriber();
    const answer = await call(await linkOf(email), {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: "List-Unsubscribe=One-Click\r\n",
    });
    expect(answer.status).toBe(200);
    expect(await statusOf(email)).toBe("UNSUBSCRIBED");
  });

  it.each<Record<string, string>>([
    { origin: "https://mail.provider.test" },
    { origin: "null" },
    { accept: "image/png" },
    { accept: "application/pdf;q=0.1", "accept-language": "x" },
    { cookie: "a=b", "sec-fetch-site": "cross-site" },
  ])("works whatever the provider sends with it: %j", async (headers) => {
    const email = await anActiveSubscriber();
    expect((await clickOnce(await linkOf(email), "multipart", headers)).status).toBe(200);
    expect(await statusOf(email)).toBe("UNSUBSCRIBED");
  });

  it("from the page's own button gets a page to read, and never a redirect", async () => {
    const email = await anActiveSubscriber();
    const fields = { ...ONE_CLICK, _redirect: "https://www.shop.test/" };
    const answer = await postForm(await linkOf(email), fields);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(await answer.text()).toContain("<h1>");
    expect(await statusOf(email)).toBe("UNSUBSCRIBED");
  });

  it("has to say that it is one", async () => {
    const email = await anActiveSubscriber();
    const link = await linkOf(email);
    for (const fields of [{}, { "List-Unsubscribe": "Perhaps" }] as Record<string, string>[]) {
      const answer = await postForm(link, fields, { accept: "*/*" });
      await expectProblem(answer, 422, "validation_failed");
    }
    expect(await statusOf(email)).toBe("ACTIVE");
  });

  it("has no limit of its own", async () => {
    const email = await anActiveSubscriber();
    const [link, headers] = [await linkOf(email), { "cf-connecting-ip": "203.0.113.200" }];
    for (let n = 0; n < 30; n += 1) {
      const answer = await clickOnce(link, "urlencoded", headers);
      expect(answer.status).toBe(200);
      expect(answer.headers.get("ratelimit-policy")).toBeNull();
    }
  });
});

describe("a program", () => {
  it("ends it with the token as JSON, as often as it likes", async () => {
    const email = await anActiveSubscriber();
    const token = await tokenOf(email);
    for (const _time of ["first", "again"]) {
      const answer = await postJson(PATH, { token });
      expect([answer.status, await answer.json()]).toEqual([200, { status: "UNSUBSCRIBED" }]);
    }
    expect(await statusOf(email)).toBe("UNSUBSCRIBED");
  });
});

describe("a token", () => {
  const signedBy = (key: Uint8Array, email: string) => tokenOf(email, createSigner(key));
  const aKey = () => crypto.getRandomValues(new Uint8Array(32));

  it.each<[string, (token: string, email: string) => string | Promise<string>]>([
    [
      "whose number was changed",
      (token) => `${BigInt(token.split(".")[0] ?? 0) + 1n}.${token.split(".")[1]}`,
    ],
    [
      "whose signature was changed",
      (token) => token.replace(/\.(.)/, (c) => (c === ".A" ? ".B" : ".A")),
    ],
    ["without its last character", (token) => token.slice(0, -1)],
    ["without its signature", (token) => token.split(".")[0] ?? ""],
    ["without its number", (token) => `.${token.split(".")[1]}`],
    ["with something more", (token) => `${token}.${token}`],
    ["with a leading zero", (token) => `0${token}`],
    ["with space around it", (token) => ` ${token} `],
    ["signed with another key", (_, email) => signedBy(aKey(), email)],
    [
      "signed for another purpose",
      async (token) => {
        const number = token.split(".")[0] ?? "";
        return `${number}.${await ownSigner().sign("cursor", number)}`;
      },
    ],
    ["that is empty", () => ""],
    ["that is no text at all", () => "\u0000"],
    ["of many characters", () => "9".repeat(5_000)],
  ])("%s is answered alike, without a query", async (_what, spoil) => {
    const email = await anActiveSubscriber();
    const token = await spoil(await tokenOf(email), email);
    const calls = watchNetwork();
    const answers = [
      await postJson(PATH, { token }),
      await clickOnce(linkFor(token), "urlencoded"),
      await call(linkFor(token)),
    ];
    const titles: string[] = [];
    for (const answer of answers) {
      titles.push((await expectProblem(answer, 400, "invalid_token")).title);
    }
    expect(new Set(titles).size).toBe(1);
    expect(calls).toEqual([]);
    expect(await statusOf(email)).toBe("ACTIVE");
  });

  it.each<[string, unknown]>([
    ["a number", { token: 5 }],
    ["null", { token: null }],
    ["absent", {}],
    ["in a list", [{ token: "1" }]],
  ])("that is %s is invalid, too", async (_what, body) => {
    await expectProblem(await postJson(PATH, body), 400, "invalid_token");
  });

  it("that a new subscription has replaced ends nothing, and is answered like a forged one", async () => {
    const email = await anActiveSubscriber();
    const old = await tokenOf(email);
    await postJson(PATH, { token: old });
    await subscribe({ email });
    const calls = watchNetwork();
    const forged = await expectProblem(
      await postJson(PATH, { token: "1.x" }),
      400,
      "invalid_token",
    );
    expect(calls).toHaveLength(0);
    const refused = await expectProblem(await postJson(PATH, { token: old }), 400, "invalid_token");
    expect(calls).toHaveLength(1);
    expect({ ...refused, requestId: "" }).toEqual({ ...forged, requestId: "" });
    expect(await statusOf(email)).toBe("ACTIVE");
  });

  it("of the signing key before the latest rotation is good, of the one before that not", async () => {
    const email = await anActiveSubscriber();
    const [oldest, previous, current] = [aKey(), aKey(), aKey()];
    const app = appWith({
      SIGNING_KEY: current.toBase64(),
      SIGNING_KEY_PREVIOUS: previous.toBase64(),
    });
    const leave = async (key: Uint8Array) =>
      app.call(PATH, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ token: await signedBy(key, email) }),
      });
    await expectProblem(await leave(oldest), 400, "invalid_token");
    expect(await statusOf(email)).toBe("ACTIVE");
    expect((await leave(previous)).status).toBe(200);
    expect(await statusOf(email)).toBe("UNSUBSCRIBED");
    expect((await leave(current)).status).toBe(200);
  });
});
