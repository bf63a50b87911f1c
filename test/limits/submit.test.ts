import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, inject, it } from "vitest";
import { anAddress } from "../support/worker/address.ts";
import { aForm, aSubmission } from "../support/worker/factories.ts";
import { watchNetwork } from "../support/worker/network.ts";
import { appWith } from "../support/worker/own-app.ts";

const REDIS = inject("workerBindings")["UPSTASH_REDIS_REST_URL"];
const isRedis = ({ url }: Request) => url.startsWith(REDIS ?? "none");
const isPostgres = ({ url }: Request) => url === env.DATABASE_HTTP_ENDPOINT;

type App = ReturnType<typeof appWith>;

/** Behind the first gate, which has tests of its own. */
const anApp = (changes: Record<string, unknown> = {}) =>
  appWith({ EDGE_LIMIT: undefined, ...changes });

function submit(app: App, headers: Record<string, string>, body: unknown = aSubmission()) {
  return app.call("/inquiries/submit", {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
}

const from = (address: string) => ({ "cf-connecting-ip": address });

/** Sends so many, eight at a time: more at once would test the machine's patience with Redis. */
async function statuses(
  count: number,
  send: (n: number) => Promise<Response>,
): Promise<Record<number, number>> {
  const counts: Record<number, number> = {};
  let next = 0;
  const lane = async () => {
    while (next < count) {
      next += 1;
      const { status } = await send(next - 1);
      counts[status] = (counts[status] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: 8 }, lane));
  return counts;
}

/** Others' requests of the last minute count towards the ceiling over everybody. */
beforeEach(async () => {
  await fetch(`${REDIS}`, {
    method: "POST",
    headers: { authorization: `Bearer ${inject("workerBindings")["UPSTASH_REDIS_REST_TOKEN"]}` },
    body: '["FLUSHALL"]',
  });
});

describe("the limits of submit", () => {
  it("accept five a minute, and say what is left", async () => {
    const app = anApp();
    const client = from(anAddress());
    const left: (string | null)[] = [];
    for (let n = 0; n < 5; n += 1) {
      const answer = await submit(app, client);
      expect(answer.status).toBe(201);
      expect(answer.headers.get("ratelimit-policy")).toBe(
        '"submit";q=5;w=60, "submit-hour";q=30;w=3600, "submit-flood";q=600;w=60',
      );
      left.push(answer.headers.get("ratelimit"));
    }
    const seconds = (text: string | null) => text?.match(/t=\d+/g)?.map((t) => Number(t.slice(2)));
    expect(left.map((text) => text?.replaceAll(/;t=\d+/g, ""))).toEqual([
      '"submit";r=4, "submit-hour";r=29',
      '"submit";r=3, "submit-hour";r=28',
      '"submit";r=2, "submit-hour";r=27',
      '"submit";r=1, "submit-hour";r=26',
      '"submit";r=0, "submit-hour";r=25',
    ]);
    for (const text of left) {
      const [minute = 0, hour = 0] = seconds(text) ?? [];
      expect(minute).toSatisfy((t: number) => t > 50 && t <= 60);
      expect(hour).toSatisfy((t: number) => t > 3590 && t <= 3600);
    }
  });

  it("refuse the sixth with the policy and the time to wait", async () => {
    const app = anApp();
    const client = from(anAddress());
    for (let n = 0; n < 5; n += 1) await submit(app, client);
    const answer = await submit(app, client);
    expect(answer.status).toBe(429);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    const wait = Number(answer.headers.get("retry-after"));
    expect(wait).toSatisfy((seconds: number) => seconds > 50 && seconds <= 60);
    expect(answer.headers.get("ratelimit")).toContain(`"submit";r=0;t=${wait}`);
    expect(await answer.json()).toMatchObject({
      code: "rate_limited",
      status: 429,
      violatedPolicies: ["submit"],
    });
  });

  it("can be read by a page of an allowed origin, accepted or refused", async () => {
    const app = anApp();
    const headers = { ...from(anAddress()), origin: "https://www.shop.test" };
    for (let n = 0; n < 6; n += 1) {
      const answer = await submit(app, headers);
      const exposed = answer.headers.get("access-control-expose-headers")?.toLowerCase();
      for (const name of ["ratelimit", "ratelimit-policy", "retry-after"]) {
        expect(exposed?.split(",").map((each) => each.trim())).toContain(name);
      }
    }
  });

  it("show a browser a page with everything that was typed", async () => {
    const app = anApp();
    const client = from(anAddress());
    for (let n = 0; n < 5; n += 1) await submit(app, client);
    const form = aForm({ company: "Harbour & Sons" });
    const answer = await app.call("/inquiries/submit", {
      method: "POST",
      headers: { accept: "text/html", ...client },
      body: new URLSearchParams(form),
    });
    expect(answer.status).toBe(429);
    expect(answer.headers.get("content-type")).toContain("text/html");
    expect(answer.headers.get("retry-after")).toMatch(/^\d+$/);
    expect(answer.headers.get("ratelimit-policy")).toContain('"submit";q=5;w=60');
    const page = await answer.text();
    expect(page).toContain(form["message"] ?? "none");
    expect(page).toContain("Harbour &amp; Sons");
    expect(page).toMatch(/wait \d+ seconds/);
  });

  it("do not count what a visitor still has to correct", async () => {
    const app = anApp();
    const client = from(anAddress());
    for (let n = 0; n < 8; n += 1) {
      expect((await submit(app, client, aSubmission({ email: "nobody" }))).status).toBe(422);
    }
    expect((await submit(app, client)).status).toBe(201);
  });

  it("accept five of 300 requests from one client, whatever X-Forwarded-For says", async () => {
    const app = anApp();
    const client = from(anAddress());
    const counts = await statuses(300, (n) =>
      submit(app, { ...client, "x-forwarded-for": `198.51.100.${n % 256}` }),
    );
    expect(counts).toEqual({ 201: 5, 429: 295 });
  });

  it("count 300 addresses of one /64 as one client", async () => {
    const app = anApp();
    const network = anAddress().split("::")[0];
    const counts = await statuses(300, (n) =>
      submit(app, from(`${network}:${n.toString(16)}:1:2:3`)),
    );
    expect(counts).toEqual({ 201: 5, 429: 295 });
  });

  it("count an IPv4 address and its IPv6 form as one client, and its neighbour as another", async () => {
    const app = anApp();
    for (const address of ["203.0.113.7", "::ffff:203.0.113.7", "::FFFF:cb00:7107"]) {
      for (let n = 0; n < 2; n += 1) await submit(app, from(address));
    }
    expect((await submit(app, from("203.0.113.7"))).status).toBe(429);
    expect((await submit(app, from("::ffff:203.0.113.8"))).status).toBe(201);
  });

  it("refuse nobody of 200 clients who keep within them", async () => {
    const app = anApp();
    const clients = Array.from({ length: 200 }, () => from(anAddress()));
    const counts = await statuses(400, (n) => submit(app, clients[n % 200] ?? {}));
    expect(counts).toEqual({ 201: 400 });
  }, 60_000);

  it("hold all clients together under the ceiling", async () => {
    const app = anApp({ FLOOD_CEILING: "20" });
    expect(await statuses(30, () => submit(app, from(anAddress())))).toEqual({ 201: 20, 429: 10 });
    const refused = await submit(app, from(anAddress()));
    expect(await refused.json()).toMatchObject({ violatedPolicies: ["submit-flood"] });
  });

  it("let the Workers of the network share a wider quota of their own", async () => {
    const app = anApp();
    const counts = await statuses(70, () => submit(app, from("2a06:98c0:3600::103")));
    expect(counts).toEqual({ 201: 60, 429: 10 });
  });

  it("put requests that did not come through the edge under the ceiling alone", async () => {
    const app = anApp({ FLOOD_CEILING: "20" });
    const local = (n: number) => submit(app, n % 2 ? from("127.0.0.1") : {});
    expect(await statuses(15, local)).toEqual({ 201: 15 });
    expect(await statuses(15, local)).toEqual({ 201: 5, 429: 10 });
  });
});

describe("the limits of subscribe", () => {
  const subscribe = (app: App, email: string, address = anAddress()) =>
    app.call("/subscribers/subscribe", {
      method: "POST",
      headers: { "content-type": "application/json", ...from(address) },
      body: JSON.stringify({ email }),
    });
  const anEmail = () => `ada.${crypto.randomUUID()}@example.com`;

  it("accept three an hour for an address, however it is spelled and wherever from", async () => {
    const [app, email] = [anApp(), anEmail()];
    const spellings = [email, email.toUpperCase(), ` ${email} `, email];
    const seen: number[] = [];
    for (const spelling of spellings) seen.push((await subscribe(app, spelling)).status);
    expect(seen).toEqual([202, 202, 202, 429]);
    const refused = await subscribe(app, email);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(3_500);
    expect(refused.headers.get("ratelimit")).toContain('"subscribe-email";r=0');
    expect(await refused.json()).toMatchObject({ violatedPolicies: ["subscribe-email"] });
  });

  it("accept five a minute from a client, and say nothing of the addresses", async () => {
    const [app, address] = [anApp(), anAddress()];
    for (let n = 0; n < 6; n += 1) {
      const answer = await subscribe(app, anEmail(), address);
      expect(answer.status).toBe(n < 5 ? 202 : 429);
      expect(answer.headers.get("ratelimit-policy")).toContain('"subscribe-email";q=3;w=3600');
      expect(answer.headers.get("ratelimit")).not.toContain("subscribe-email");
    }
  });

  it("cost one round trip to Redis, which is told no address", async () => {
    const [app, email] = [anApp(), anEmail()];
    const calls = watchNetwork();
    const answer = await subscribe(app, email);
    expect(answer.status).toBe(202);
    // What earlier tests put off may still be on its way.
    const id = answer.headers.get("x-request-id");
    const own = calls.filter((call) => call.headers.get("x-request-id") === id);
    expect(own.map((call) => [isRedis(call), isPostgres(call)])).toEqual([
      [true, false],
      [false, true],
    ]);
    expect(await own[0]?.text()).not.toContain(email);
  });

  it("do not hold back who wants to leave, not even the first gate", async () => {
    const app = appWith({ EDGE_LIMIT: { limit: async () => ({ success: false }) } });
    const answer = await app.call("/subscribers/unsubscribe", {
      method: "POST",
      headers: { "content-type": "application/json", ...from(anAddress()) },
      body: JSON.stringify({ token: "1.x" }),
    });
    expect(answer.status).toBe(400);
  });
});

describe("the cost of a request", () => {
  it("is one round trip to Redis and one to Postgres when accepted", async () => {
    const app = anApp();
    const calls = watchNetwork();
    const id = crypto.randomUUID();
    const headers = { ...from(anAddress()), "x-request-id": id };
    expect((await submit(app, headers)).status).toBe(201);
    await app.settled();
    // What earlier tests put off may still be on its way.
    const own = calls.filter((call) => call.headers.get("x-request-id") === id);
    expect(own.map((call) => [isRedis(call), isPostgres(call)])).toEqual([
      [true, false],
      [false, true],
    ]);
  });

  it("is no round trip to Postgres when refused, and one to Redis for the first in an isolate", async () => {
    const app = anApp();
    const client = from(anAddress());
    for (let n = 0; n < 5; n += 1) await submit(app, client);
    const calls = watchNetwork();
    const headers = { ...client, "x-request-id": crypto.randomUUID() };
    for (let n = 0; n < 50; n += 1) expect((await submit(app, headers)).status).toBe(429);
    const own = calls.filter(
      (call) => call.headers.get("x-request-id") === headers["x-request-id"],
    );
    expect(own.filter(isPostgres)).toHaveLength(0);
    // The flood's report, a second later and off the visitor's way, may be among them.
    const asked = await Promise.all(own.filter(isRedis).map((call) => call.text()));
    expect(asked.filter((text) => text.includes("outreach:limit:"))).toHaveLength(1);
  });

  it("leaves no address and no e-mail address in Redis", async () => {
    const app = anApp();
    const address = anAddress();
    const submission = aSubmission();
    const calls = watchNetwork();
    await submit(app, from(address), submission);
    const sent = await Promise.all(calls.filter(isRedis).map((call) => call.text()));
    expect(sent.join()).toContain("outreach:limit:submit:client:");
    for (const secret of [address, address.split("::")[0] ?? "", String(submission.email)]) {
      expect(sent.join()).not.toContain(secret);
    }
  });
});

describe("the first gate", () => {
  const refusing = { limit: async () => ({ success: false }) };

  it("refuses before the body is looked at, Redis or Postgres asked", async () => {
    const app = appWith({ EDGE_LIMIT: refusing });
    const calls = watchNetwork();
    const answer = await submit(app, from(anAddress()), {});
    expect(answer.status).toBe(429);
    expect(answer.headers.get("retry-after")).toBe("10");
    expect(answer.headers.get("ratelimit")).toBe('"burst";r=0;t=10');
    expect(await answer.json()).toMatchObject({ violatedPolicies: ["burst"] });
    expect(calls).toHaveLength(0);
  });

  it("shows a browser its form again", async () => {
    const app = appWith({ EDGE_LIMIT: refusing });
    const form = aForm();
    const answer = await app.call("/inquiries/submit", {
      method: "POST",
      headers: { accept: "text/html", ...from(anAddress()) },
      body: new URLSearchParams(form),
    });
    expect(answer.status).toBe(429);
    expect(await answer.text()).toContain(form["message"] ?? "none");
  });

  it("is asked by a keyed hash of the client, never about those who are not visitors", async () => {
    const keys: string[] = [];
    const noting = {
      limit: async ({ key }: { key: string }) => {
        keys.push(key);
        return { success: true };
      },
    };
    const app = appWith({ EDGE_LIMIT: noting });
    const address = anAddress();
    for (const each of [address, address, "2a06:98c0:3600::103", "127.0.0.1"]) {
      await submit(app, from(each));
    }
    expect(keys).toEqual([keys[0], keys[0]]);
    expect(keys[0]).toMatch(/^submit:[\w-]{43}$/);
  });

  it("lets through when it fails", async () => {
    const broken = { limit: () => Promise.reject(new Error("no limiter")) };
    expect((await submit(appWith({ EDGE_LIMIT: broken }), from(anAddress()))).status).toBe(201);
  });

  it("as it ships, stops a burst at twice what the policies allow", async () => {
    const app = appWith();
    const client = from(anAddress());
    const seen: string[] = [];
    for (let n = 0; n < 30; n += 1) {
      const answer = await submit(app, client);
      const body = await answer.json<{ violatedPolicies?: string[] }>();
      seen.push(body.violatedPolicies?.join() ?? String(answer.status));
    }
    expect(seen.slice(0, 6)).toEqual(["201", "201", "201", "201", "201", "submit"]);
    // The window is aligned to the clock, so it may have turned once on the way.
    expect(seen.filter((each) => each === "burst").length).toBeGreaterThanOrEqual(10);
  });
});

describe("without Redis", () => {
  const without = { UPSTASH_REDIS_REST_URL: undefined, UPSTASH_REDIS_REST_TOKEN: undefined };

  it("the isolate limits by itself", async () => {
    const app = anApp(without);
    const client = from(anAddress());
    expect(await statuses(200, () => submit(app, client))).toEqual({ 201: 5, 429: 195 });
    expect((await submit(app, from(anAddress()))).status).toBe(201);
  });

  it.each(["UPSTASH_REDIS_REST_URL", "UPSTASH_REDIS_REST_TOKEN"])(
    "half a configuration is none: %s alone missing is named",
    async (name) => {
      const answer = await anApp({ [name]: "" }).call("//readyz");
      expect(answer.status).toBe(503);
      expect(await answer.text()).toContain(name);
    },
  );
});
