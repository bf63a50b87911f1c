import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import journal from "../../migrations/meta/_journal.json" with { type: "json" };
import { as } from "../support/worker/app.ts";
import { METRICS_TOKEN } from "../support/worker/metrics.ts";
import { watchNetwork } from "../support/worker/network.ts";
import { appWith } from "../support/worker/own-app.ts";

interface Report {
  status: string;
  parts: Record<string, { state: string; milliseconds: number; detail?: string }>;
}

/** Asks an app whose caches nobody has filled. */
async function readyz(changes: Readonly<Record<string, unknown>> = {}, app = appWith(changes)) {
  const answer = await app.call("//readyz");
  const report = await answer.json<Report>();
  const states = Object.entries(report.parts).map(([name, { state }]) => [name, state]);
  return { status: answer.status, report, states: Object.fromEntries(states) };
}

const isDatabase = (request: Request) => request.url.startsWith(env.DATABASE_HTTP_ENDPOINT);
const never = () => new Promise<Response>(() => {});
const gone = () => Promise.reject(new Error("away"));
const away = { getByName: () => ({ status: gone, stats: gone }) };

/** Answers the database's probes as another database would. */
function databaseSays(column: string, values: readonly string[]) {
  return async (request: Request) => {
    const { query } = await request.clone().json<{ query: string }>();
    if (!query.includes(column)) return undefined;
    const fields = [{ name: column.split(" ").at(-1), dataTypeID: 25 }];
    return Response.json({ fields, rows: values.map((value) => [value]), command: "SELECT" });
  };
}

describe("GET /readyz", () => {
  it("names every part with its state and its milliseconds", async () => {
    const { status, report } = await readyz({ METRICS_TOKEN });
    expect(status).toBe(200);
    expect(report.status).toBe("ready");
    expect(Object.keys(report.parts)).toEqual(
      expect.arrayContaining([
        "configuration",
        "postgres",
        "migrations",
        "spool",
        "jwks",
        "rooms",
        "metrics",
      ]),
    );
    for (const part of Object.values(report.parts)) {
      expect(part).toMatchObject({ state: "up", milliseconds: expect.any(Number) });
    }
  });

  it("asks nothing about metrics where they are off", async () => {
    expect((await readyz()).states).not.toHaveProperty("metrics");
  });

  it("names the variables of a broken configuration, never their values", async () => {
    const { status, report } = await readyz({ SIGNING_KEY: "hunter2", IDENTITY_ISSUER: undefined });
    expect(status).toBe(503);
    expect(report.parts).toEqual({
      configuration: {
        state: "down",
        milliseconds: expect.any(Number),
        detail: "missing or malformed: IDENTITY_ISSUER, SIGNING_KEY",
      },
    });
  });

  it("is degraded when Postgres does not answer and the spool keeps writes", async () => {
    watchNetwork((request) => (isDatabase(request) ? Response.error() : undefined));
    const { status, report, states } = await readyz();
    expect(status).toBe(200);
    expect(report.status).toBe("degraded");
    expect(states).toMatchObject({ postgres: "down", spool: "up" });
  });

  it("names a spool that is away, and stays ready while Postgres takes writes", async () => {
    const { status, report, states } = await readyz({ SPOOL: away });
    expect(status).toBe(200);
    expect(report.status).toBe("degraded");
    expect(states).toMatchObject({ postgres: "up", spool: "down" });
  });

  it("is unavailable when Postgres does not answer and nothing else keeps writes", async () => {
    watchNetwork((request) => (isDatabase(request) ? Response.error() : undefined));
    const { status, report, states } = await readyz({ SPOOL: away });
    expect(status).toBe(503);
    expect(report.status).toBe("unavailable");
    expect(states).toMatchObject({ postgres: "down", migrations: "down", jwks: "up", rooms: "up" });
  });

  it("waits a second for a part that hangs, and for several no longer", async () => {
    watchNetwork((request) => (request.url.startsWith("http") ? never() : undefined));
    const start = performance.now();
    const { states, report } = await readyz();
    expect(performance.now() - start).toBeLessThan(1_900);
    expect(states).toMatchObject({ postgres: "down", migrations: "down", jwks: "down" });
    expect(report.parts["postgres"]?.detail).toBe("no answer in time");
  });

  it("calls a Postgres that takes no writes down", async () => {
    watchNetwork((request) =>
      isDatabase(request)
        ? databaseSays("as mode", ["on"])(request).then(orReal(request))
        : undefined,
    );
    const { status, report } = await readyz({ SPOOL: away });
    expect(status).toBe(503);
    expect(report.parts["postgres"]).toMatchObject({ state: "down", detail: /no writes/ });
  });

  it("names the migrations that the database has not had yet, and stays ready", async () => {
    const [first, ...rest] = journal.entries;
    watchNetwork((request) =>
      isDatabase(request)
        ? databaseSays("created_at", [String(first?.when)])(request).then(orReal(request))
        : undefined,
    );
    const { status, report } = await readyz();
    expect(status).toBe(200);
    expect(report.status).toBe("degraded");
    expect(report.parts["migrations"]).toMatchObject({
      state: "degraded",
      detail: `missing: ${rest.map(({ tag }) => tag).join(", ")}`,
    });
  });

  it("finds a database that is ahead of this version all right", async () => {
    const whens = [...journal.entries.map(({ when }) => when), 4_000_000_000_000].map(String);
    watchNetwork((request) =>
      isDatabase(request)
        ? databaseSays("created_at", whens)(request).then(orReal(request))
        : undefined,
    );
    expect((await readyz()).states["migrations"]).toBe("up");
  });

  it.each([
    ["does not answer", () => Response.error()],
    ["answers with an error", () => new Response(null, { status: 500 })],
    ["answers without keys", () => Response.json({ keys: [] })],
    [
      "has keys of another kind",
      () => Response.json({ keys: [{ kty: "RSA", n: "AQ", e: "AQAB" }] }),
    ],
    // No redirect is followed when a token is verified, either.
    ["leads elsewhere", () => Response.redirect(`${env.IDENTITY_JWKS_URL}/moved`)],
  ])("names an identity provider that %s, and stays ready", async (_name, answer) => {
    watchNetwork((request) => (request.url === env.IDENTITY_JWKS_URL ? answer() : undefined));
    const { status, report, states } = await readyz();
    expect(status).toBe(200);
    expect(report.status).toBe("degraded");
    expect(states).toMatchObject({ postgres: "up", jwks: "down" });
  });

  it("tells that keys seen before are used, even when the provider only hangs", async () => {
    const app = appWith();
    await app.call("/me", { headers: as("owner") });
    watchNetwork((request) => {
      if (request.url !== env.IDENTITY_JWKS_URL) return undefined;
      const { promise, reject } = Promise.withResolvers<Response>();
      request.signal.addEventListener("abort", () => reject(request.signal.reason));
      return promise;
    });
    expect((await readyz({}, app)).states).toMatchObject({ jwks: "degraded" });
  });

  it("names rooms that are away, and stays ready", async () => {
    const { status, report } = await readyz({ ROOMS: away });
    expect(status).toBe(200);
    expect(report.status).toBe("degraded");
    expect(report.parts["rooms"]).toMatchObject({ state: "down", detail: /inquiries/ });
  });

  it("names hubs that are away, and stays ready", async () => {
    const { status, states } = await readyz({ METRICS_TOKEN, METRICS: away });
    expect(status).toBe(200);
    expect(states["metrics"]).toBe("down");
  });

  it("asks the dependencies once in half a second, however often it is asked", async () => {
    const calls = watchNetwork();
    const app = appWith();
    for (let time = 0; time < 10; time += 1) await readyz({}, app);
    expect(calls.filter(isDatabase).length).toBeLessThanOrEqual(4);
  });

  it("passes the request id on to everything it asks", async () => {
    const calls = watchNetwork();
    await appWith().call("//readyz", { headers: { "x-request-id": "night-shift-1" } });
    expect(calls.length).toBeGreaterThanOrEqual(3);
    for (const request of calls) expect(request.headers.get("x-request-id")).toBe("night-shift-1");
  });
});

describe("GET /healthz", () => {
  it("answers without touching anything, even when nothing is configured", async () => {
    const calls = watchNetwork();
    const answer = await appWith({ DATABASE_URL: undefined }).call("//healthz");
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ status: "alive" });
    expect(calls).toEqual([]);
  });
});

/** Lets the real database answer what the stand-in does not. */
function orReal(request: Request) {
  return (answer: Response | undefined) => answer ?? realFetch(request);
}

const realFetch = globalThis.fetch;
