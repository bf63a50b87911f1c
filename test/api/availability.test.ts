import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { as } from "../support/worker/app.ts";
import { aForm, aSubmission } from "../support/worker/factories.ts";
import { anIssuer } from "../support/worker/issuer.ts";
import { watchNetwork } from "../support/worker/network.ts";
import { appWith } from "../support/worker/own-app.ts";
import { expectProblem } from "../support/worker/problems.ts";

/** Nobody listens on the discard port. */
const NOBODY = "http://127.0.0.1:9/";

const submissionOf = (body: unknown) => ({
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
});

interface Readiness {
  status: string;
  parts: Record<string, { state: string; milliseconds: number; detail?: string }>;
}

async function readinessOf(app: ReturnType<typeof appWith>, status: number): Promise<Readiness> {
  const answer = await app.call("//readyz");
  expect(answer.status).toBe(status);
  return answer.json<Readiness>();
}

/** Every log line of what `work` does. */
async function logOf(work: () => Promise<unknown>): Promise<string> {
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  try {
    await work();
    return log.mock.calls.map(String).join("\n");
  } finally {
    log.mockRestore();
  }
}

describe("when all is well", () => {
  it("readyz says so, part by part, and healthz touches nothing", async () => {
    const ready = await readinessOf(appWith(), 200);
    expect(ready.status).toBe("ready");
    expect(Object.values(ready.parts).map(({ state }) => state)).toEqual(
      Object.keys(ready.parts).map(() => "up"),
    );
    const calls = watchNetwork();
    const answer = await appWith().call("//healthz");
    expect(await answer.json()).toEqual({ status: "alive" });
    expect(calls).toEqual([]);
  });
});

describe("when Postgres cannot be reached", () => {
  /** As `fetch` fails when nobody answers. */
  function withoutPostgres() {
    watchNetwork(({ url }) =>
      url === env.DATABASE_HTTP_ENDPOINT
        ? Promise.reject(new TypeError("Network connection lost."))
        : undefined,
    );
    return appWith();
  }

  it("at a port where nobody listens", async () => {
    const app = appWith({ DATABASE_HTTP_ENDPOINT: NOBODY });
    const answer = await app.call("/inquiries/submit", submissionOf(aSubmission()));
    await expectProblem(answer, 503, "database_unavailable");
  });

  it("a program is told to come back", async () => {
    const answer = await withoutPostgres().call("/inquiries/submit", submissionOf(aSubmission()));
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    await expectProblem(answer, 503, "database_unavailable");
  });

  it("a browser gets its page, with what was typed still there", async () => {
    const form = aForm({ phone: "+44 20", budget: "500" });
    const answer = await withoutPostgres().call("/inquiries/submit", {
      method: "POST",
      headers: { accept: "text/html" },
      body: new URLSearchParams(form),
    });
    expect(answer.status).toBe(503);
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(answer.headers.get("content-type")).toContain("text/html");
    const page = await answer.text();
    for (const typed of Object.values(form)) expect(page).toContain(typed);
  });

  it("nothing of the database is told, and nothing typed is logged", async () => {
    const submission = aSubmission();
    const app = withoutPostgres();
    let told = "";
    const log = await logOf(async () => {
      told = await (await app.call("/inquiries/submit", submissionOf(submission))).text();
      await app.settled();
    });
    expect(log).toContain("database unavailable");
    expect(log).not.toContain(submission.email);
    expect(log).not.toContain(submission.message);
    expect(told).not.toMatch(/127\.0\.0\.1|fetch|insert|postgres/i);
  });

  it("nobody is let in without rules", async () => {
    const answer = await withoutPostgres().call("/inquiries", { headers: as("owner") });
    await expectProblem(answer, 503, "permissions_unavailable");
  });

  it("readyz names it and healthz stays alive", async () => {
    const { status, parts } = await readinessOf(withoutPostgres(), 503);
    expect(status).toBe("unavailable");
    expect(parts["postgres"]?.state).toBe("down");
    expect(parts["configuration"]?.state).toBe("up");
    expect((await withoutPostgres().call("//healthz")).status).toBe(200);
  });
});

describe("when Postgres answers with an error", () => {
  it.each([
    ["57P01", 503, "database_unavailable"],
    ["53300", 503, "database_unavailable"],
    ["08006", 503, "database_unavailable"],
    ["58030", 503, "database_unavailable"],
    ["42P01", 500, "internal_error"],
    ["23502", 500, "internal_error"],
  ] as const)("%s becomes %i", async (code, status, problem) => {
    watchNetwork(() => Response.json({ message: "secret detail", code }, { status: 400 }));
    const app = appWith();
    const log = await logOf(async () => {
      const answer = await app.call("/inquiries/submit", submissionOf(aSubmission()));
      expect(await answer.clone().text()).not.toContain("secret detail");
      await expectProblem(answer, status, problem);
    });
    expect(log).toContain(code);
    expect(log).not.toContain("secret detail");
  });
});

describe("when the identity provider cannot be reached", () => {
  it("the desk is closed for now and the contact form is not", async () => {
    const app = appWith({ IDENTITY_JWKS_URL: NOBODY });
    const answer = await app.call("/inquiries", { headers: as("owner") });
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    await expectProblem(answer, 503, "identity_unavailable");
    expect((await app.call("/inquiries/submit", submissionOf(aSubmission()))).status).toBe(201);
  });

  it.each([
    ["an error", () => new Response("", { status: 500 })],
    ["a page", () => new Response("<!doctype html>")],
    ["JSON that is no key set", () => Response.json({ keys: 7 })],
  ])("so it is when it answers with %s", async (_what, answer) => {
    const issuer = await anIssuer();
    watchNetwork(({ url }) => (url === issuer.jwksUrl ? answer() : undefined));
    const headers = { authorization: `Bearer ${await issuer.token()}` };
    const refused = await appWith(issuer.variables).call("/inquiries", { headers });
    await expectProblem(refused, 503, "identity_unavailable");
  });
});

describe("when a variable is missing or malformed", () => {
  it.each<[string, unknown]>([
    ["APP_ENV_NODE_ID", "1024"],
    ["APP_ENV_NODE_ID", "ten"],
    ["DATABASE_URL", undefined],
    ["DATABASE_URL", "mysql://hunter2:hunter2@localhost/outreach"],
    ["DATABASE_HTTP_ENDPOINT", "ftp://hunter2"],
    ["IDENTITY_ISSUER", undefined],
    ["IDENTITY_ISSUER", "hunter2"],
    ["IDENTITY_AUDIENCE", undefined],
    ["IDENTITY_JWKS_URL", undefined],
    ["IDENTITY_JWKS_URL", "file:///hunter2"],
    ["DASHBOARD_CLIENT_ID", undefined],
    ["ALLOWED_ORIGINS", undefined],
    ["ALLOWED_ORIGINS", "https://www.shop.test, hunter2"],
    ["SIGNING_KEY", undefined],
    ["SIGNING_KEY", "hunter2"],
    ["PUBLIC_BASE_URL", undefined],
    ["PUBLIC_BASE_URL", "hunter2"],
    ["LOG_LEVEL", "hunter2"],
  ])("%s = %s: refused, named in log and readyz, and never quoted", async (name, value) => {
    const app = appWith({ [name]: value });
    let told = "";
    const log = await logOf(async () => {
      const answer = await app.call("/inquiries/submit", submissionOf(aSubmission()));
      expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
      told = JSON.stringify(await expectProblem(answer, 503, "misconfigured"));
      const desk = await app.call("/inquiries", { headers: as("owner") });
      await expectProblem(desk, 503, "misconfigured");
    });
    expect(log).toContain(name);
    expect(told).not.toContain(name);
    const { parts } = await readinessOf(app, 503);
    expect(parts["configuration"]?.state).toBe("down");
    expect(parts["configuration"]?.detail).toContain(name);
    expect(log + told + JSON.stringify(parts)).not.toContain("hunter2");
    expect((await app.call("//healthz")).status).toBe(200);
  });
});
