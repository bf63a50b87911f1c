import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { Spool } from "../../src/intake/spool.ts";
import { eventually } from "../support/eventually.ts";
import { anAddress, aSubmission } from "../support/worker/factories.ts";
import {
  appWithMetrics,
  METRICS_TOKEN,
  parseExposition,
  scrapeFrom,
} from "../support/worker/metrics.ts";
import { watchNetwork } from "../support/worker/network.ts";
import { appWith } from "../support/worker/own-app.ts";
import { expectProblem } from "../support/worker/problems.ts";
import { aRow, aSpool, databaseAway, drain, shardHolding } from "../support/worker/spool.ts";

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

function submit(
  app: ReturnType<typeof appWith>,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
) {
  return app.call("/inquiries/submit", {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
}

/** A namespace of which these objects do not answer. */
function without(binding: "METRICS" | "ROOMS", isAway: (name: string) => boolean) {
  const real = env[binding];
  return {
    getByName(name: string) {
      if (isAway(name)) throw new Error("away");
      return real.getByName(name);
    },
  };
}

describe("GET /metrics", () => {
  it("is not there unless it is configured", async () => {
    await expectProblem(await appWith().call("//metrics"), 404, "route_not_found");
  });

  it.each([
    ["no token", {}],
    ["another token", bearer("a-token-of-the-scrapes")],
    ["half of the token", bearer(METRICS_TOKEN.slice(0, 8))],
    ["the token as another scheme", { headers: { authorization: `Basic ${METRICS_TOKEN}` } }],
  ])("answers 401 to %s", async (_name, init) => {
    const answer = await appWithMetrics().call("//metrics", init);
    await expectProblem(answer, 401, "unauthenticated");
    expect(answer.headers.get("www-authenticate")).toBe("Bearer");
  });

  it("counts requests by the route's pattern, and submissions by what became of them", async () => {
    const app = appWithMetrics();
    const { series: before } = await scrapeFrom(app);
    const good = aSubmission();
    expect((await submit(app, good)).status).toBe(201);
    expect((await submit(app, good)).status).toBe(201);
    expect((await submit(app, {})).status).toBe(422);
    await app.call(`/inquiries/${crypto.randomUUID()}`);
    await app.call(`/inquiries/${crypto.randomUUID()}`);
    await app.call(`/${crypto.randomUUID()}`, { method: "PROPFIND" });
    await app.settled();
    const { series, text, answer } = await scrapeFrom(app);
    const grown = (name: string) => (series.get(name) ?? 0) - (before.get(name) ?? 0);
    const requests = (route: string, method: string, status: number) =>
      grown(`outreach_http_requests_total{route="${route}",method="${method}",status="${status}"}`);
    expect(answer.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    expect(grown('outreach_submissions_total{outcome="stored"}')).toBe(1);
    expect(grown('outreach_submissions_total{outcome="replayed"}')).toBe(1);
    expect(grown('outreach_submissions_total{outcome="invalid"}')).toBe(1);
    expect(requests("/v1/api/outreach/inquiries/submit", "POST", 201)).toBe(2);
    expect(requests("/v1/api/outreach/inquiries/:id", "GET", 401)).toBe(2);
    expect(requests("none", "other", 404)).toBe(1);
    const submissions = '{route="/v1/api/outreach/inquiries/submit",method="POST"';
    const duration = "outreach_http_request_duration_seconds";
    expect(grown(`${duration}_count${submissions}}`)).toBe(3);
    expect(grown(`${duration}_bucket${submissions},le="+Inf"}`)).toBe(3);
    expect(text).not.toContain("PROPFIND");
  });

  it("measures inquiries, rooms and itself", async () => {
    const { series } = await scrapeFrom(appWithMetrics());
    expect(series.get('outreach_inquiries{status="NEW"}')).toBeGreaterThanOrEqual(0);
    expect(series.get('outreach_subscribers{status="ACTIVE"}')).toBeGreaterThanOrEqual(0);
    expect(series.get('outreach_room_observers{room="operations"}')).toBe(0);
    expect(series.get('outreach_part_up{part="totals"}')).toBe(1);
    expect(series.get('outreach_part_up{part="spool"}')).toBe(1);
    expect(series.get("outreach_spool_depth")).toBe(0);
    expect(series.get("outreach_spool_oldest_seconds")).toBe(0);
    expect(series.get("outreach_spool_set_aside")).toBe(0);
    expect(series.get("outreach_room_publish_failures_total")).toBeGreaterThanOrEqual(0);
    expect(series.has('outreach_dependency_errors_total{dependency="redis"}')).toBe(true);
  });

  it("shows the rest when the database is away, and counts what did not answer", async () => {
    watchNetwork((request) =>
      request.url.startsWith(env.DATABASE_HTTP_ENDPOINT)
        ? new Response("gone", { status: 502 })
        : undefined,
    );
    const app = appWithMetrics();
    const { series } = await scrapeFrom(app);
    expect(series.get('outreach_part_up{part="counts"}')).toBe(0);
    expect(series.get('outreach_part_up{part="rooms"}')).toBe(1);
    expect(series.has('outreach_inquiries{status="NEW"}')).toBe(false);
    await app.settled();
    const name = 'outreach_dependency_errors_total{dependency="postgres"}';
    expect((await scrapeFrom(app)).series.get(name)).toBeGreaterThanOrEqual(1);
  });

  it("counts each write that a limit refused once, by the policy", async () => {
    const app = appWithMetrics();
    const { series: before } = await scrapeFrom(app);
    const from = { "cf-connecting-ip": anAddress() };
    let refused = 0;
    for (let sent = 0; sent < 10; sent += 1) {
      if ((await submit(app, aSubmission(), from)).status === 429) refused += 1;
    }
    expect(refused).toBeGreaterThan(0);
    await app.settled();
    const { series } = await scrapeFrom(app);
    const limited = 'outreach_submissions_total{outcome="limited"}';
    expect((series.get(limited) ?? 0) - (before.get(limited) ?? 0)).toBe(refused);
    const byPolicy = (of: ReadonlyMap<string, number>) =>
      [...of]
        .filter(([name]) => name.startsWith('outreach_rate_limited_total{route="submit",gate="'))
        .reduce((total, [, value]) => total + value, 0);
    expect(byPolicy(series) - byPolicy(before)).toBe(refused);
  });

  it("counts what was queued, what could not be, and measures what waits", async () => {
    const away = { getByName: () => ({ accept: () => Promise.reject(new Error("gone")) }) };
    const { series: before } = await scrapeFrom(appWithMetrics());
    const { comesBack } = databaseAway();
    const working = appWithMetrics();
    const broken = appWithMetrics({ SPOOL: away });
    const answer = await submit(working, aSubmission());
    expect(answer.status).toBe(202);
    expect((await submit(broken, aSubmission())).status).toBe(503);
    await Promise.all([working.settled(), broken.settled()]);
    const { series } = await scrapeFrom(appWithMetrics());
    comesBack();
    const grown = (name: string) => (series.get(name) ?? 0) - (before.get(name) ?? 0);
    expect(grown('outreach_submissions_total{outcome="queued"}')).toBe(1);
    expect(grown('outreach_submissions_total{outcome="failed"}')).toBe(1);
    expect(grown('outreach_dependency_errors_total{dependency="spool"}')).toBe(1);
    expect(grown("outreach_spool_depth")).toBe(1);
    const { receipt } = await answer.json<{ receipt: string }>();
    await drain(await shardHolding(receipt));
  });

  it("counts what became of those that were queued, beside the requests themselves", async () => {
    const { series: before } = await scrapeFrom(appWithMetrics());
    const shard = aSpool();
    await shard.accept(aRow());
    await shard.accept(aRow());
    await shard.accept(aRow({ message: "not for a text column: \0" }));
    await runInDurableObject(shard, async (object: Spool, state) => {
      const real = Reflect.get(object, "env") as Env;
      Reflect.set(object, "env", { ...real, METRICS_TOKEN });
      await state.storage.deleteAlarm();
      await object.alarm();
      Reflect.set(object, "env", real);
    });
    await eventually(async () => {
      const { series } = await scrapeFrom(appWithMetrics());
      const grown = (outcome: string) => {
        const name = `outreach_submissions_total{outcome="${outcome}"}`;
        return (series.get(name) ?? 0) - (before.get(name) ?? 0);
      };
      expect(["stored_late", "set_aside", "stored", "queued"].map(grown)).toEqual([2, 1, 0, 0]);
      const events = 'outreach_room_events_total{room="inquiries"}';
      expect((series.get(events) ?? 0) - (before.get(events) ?? 0)).toBe(2);
    });
  });

  it("leaves counters out rather than showing less when one shard is away", async () => {
    const app = appWithMetrics({ METRICS: without("METRICS", (name) => name === "metrics-2") });
    const { series, text } = await scrapeFrom(app);
    expect(series.get('outreach_part_up{part="totals"}')).toBe(0);
    expect(text).not.toContain("outreach_http_requests_total");
    expect(series.has('outreach_inquiries{status="NEW"}')).toBe(true);
  });

  it("counts events of rooms, and those that were given up", async () => {
    const { series: before } = await scrapeFrom(appWithMetrics());
    const working = appWithMetrics();
    await submit(working, aSubmission());
    const broken = appWithMetrics({ ROOMS: without("ROOMS", (name) => name === "inquiries") });
    expect((await submit(broken, aSubmission())).status).toBe(201);
    await Promise.all([working.settled(), broken.settled()]);
    const { series } = await scrapeFrom(appWithMetrics());
    const grown = (name: string) => (series.get(name) ?? 0) - (before.get(name) ?? 0);
    expect(grown('outreach_room_events_total{room="inquiries"}')).toBe(1);
    expect(grown("outreach_room_publish_failures_total")).toBe(1);
    expect(grown('outreach_dependency_errors_total{dependency="rooms"}')).toBe(3);
  });

  it("never goes backwards when the hubs are evicted", async () => {
    const app = appWithMetrics();
    await app.call("//readyz");
    await app.settled();
    const { text } = await scrapeFrom(app);
    for (const shard of ["metrics-0", "metrics-1", "metrics-2", "metrics-3"]) {
      await evictDurableObject(env.METRICS.getByName(shard));
    }
    const { series } = await scrapeFrom(app);
    for (const [name, value] of parseExposition(text)) {
      if (/_total|_bucket|_sum|_count/.test(name)) {
        expect(series.get(name), name).toBeGreaterThanOrEqual(value);
      }
    }
  });
});

describe("counting", () => {
  it("makes no call before an answer, and one after it", async () => {
    const calls: string[] = [];
    const METRICS = {
      getByName: (name: string) => {
        calls.push(name);
        return env.METRICS.getByName(name);
      },
    };
    const app = appWithMetrics({ METRICS });
    await app.call("/doc/openapi.json");
    expect(calls).toEqual([]);
    await app.settled();
    expect(calls).toHaveLength(1);
  });

  it("calls nothing after /healthz", async () => {
    const app = appWithMetrics({ METRICS: without("METRICS", () => true) });
    const calls = watchNetwork();
    expect((await app.call("//healthz")).status).toBe(200);
    await app.settled();
    expect(calls).toEqual([]);
  });

  it("answers as ever when the hubs are away", async () => {
    const app = appWithMetrics({ METRICS: without("METRICS", () => true) });
    expect((await submit(app, aSubmission())).status).toBe(201);
  });

  it("counts also when the configuration is broken", async () => {
    const broken = appWithMetrics({ SIGNING_KEY: "short" });
    const name =
      'outreach_http_requests_total{route="/v1/api/outreach/inquiries",method="GET",status="503"}';
    const { series: before } = await scrapeFrom(appWithMetrics());
    expect((await broken.call("/inquiries")).status).toBe(503);
    await broken.settled();
    const { series } = await scrapeFrom(appWithMetrics());
    expect((series.get(name) ?? 0) - (before.get(name) ?? 0)).toBe(1);
  });
});
