import { rmSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type Identity, startIdentity } from "../../dev/identity.ts";
import { migrate } from "../../dev/migrate.ts";
import { postgresEngine, servePostgresHttp } from "../../dev/postgres-http.ts";
import { freePort, type RunningServer } from "../support/processes.ts";
import { findPostgres, laneAvailable, startPostgres } from "../support/servers.ts";
import { bundleWorker, type RunningWorker, startWorker } from "../support/workerd.ts";

/** In which an operator, or a probe, has to learn of it. */
const NOTICED_WITHIN_MS = 2_000;
const DATABASE_URL = "postgres://outreach:outreach@localhost/outreach";

interface Report {
  status: string;
  parts: Record<string, { state: string; milliseconds: number }>;
}

let worker: RunningWorker;
let postgres: RunningServer;
let endpoint: { url: string; close(): Promise<void> };
let identity: Identity;
const undo: (() => Promise<void> | void)[] = [];

async function setUp() {
  postgres = await startPostgres();
  undo.push(() => postgres.stop());
  const engine = postgresEngine({ connectionString: postgres.connectionString });
  undo.push(() => engine.close());
  endpoint = await servePostgresHttp({ engine });
  undo.push(() => endpoint.close());
  await migrate({ databaseUrl: DATABASE_URL, httpEndpoint: endpoint.url });
  identity = await startIdentity({ port: await freePort() });
  undo.push(() => identity.close());
  const bundle = bundleWorker();
  undo.push(() => rmSync(bundle, { recursive: true }));
  worker = await startWorker({
    bundle,
    variables: {
      DATABASE_URL,
      DATABASE_HTTP_ENDPOINT: endpoint.url,
      IDENTITY_ISSUER: identity.issuer,
      IDENTITY_JWKS_URL: identity.jwksUrl,
      SIGNING_KEY: Buffer.alloc(32, 7).toString("base64"),
      METRICS_TOKEN: "a-token-of-the-scraper",
      LOG_LEVEL: "error",
    },
  });
  undo.push(() => worker.stop());
}

async function readyz() {
  const answer = await fetch(`${worker.url}/readyz`);
  return { code: answer.status, ...((await answer.json()) as Report) };
}

/** Asks until the part is in this state. @returns the report, and after how many milliseconds */
async function noticed(part: string, state: string) {
  const start = performance.now();
  for (;;) {
    const report = await readyz();
    const milliseconds = performance.now() - start;
    if (report.parts[part]?.state === state) return { report, milliseconds };
    if (milliseconds > 10_000) throw new Error(`${part} is still ${report.parts[part]?.state}`);
    await delay(50);
  }
}

describe.runIf(laneAvailable("postgres", findPostgres()))(
  "when a dependency stops, /readyz",
  () => {
    beforeAll(setUp, 120_000);
    afterAll(async () => {
      for (const each of undo.reverse()) await each();
    });

    it("says that all is well before", async () => {
      // The first question may find everybody still busy with starting.
      await noticed("postgres", "up");
      const { report } = await noticed("jwks", "up");
      expect(report).toMatchObject({ code: 200, parts: { postgres: { state: "up" } } });
    });

    it.each([
      ["is killed", () => postgres.kill(), () => postgres.start()],
      ["hangs", async () => postgres.pause(), async () => postgres.resume()],
    ])(
      "names Postgres within 2 s when it %s, and is ready again after",
      async (how, stop, start) => {
        await noticed("postgres", "up");
        await stop();
        const down = await noticed("postgres", "down").finally(start);
        console.log(`Postgres ${how}: named after ${down.milliseconds.toFixed(0)} ms`);
        expect(down.milliseconds).toBeLessThan(NOTICED_WITHIN_MS);
        expect(down.report).toMatchObject({
          parts: { jwks: { state: "up" }, rooms: { state: "up" } },
        });
        const up = await noticed("postgres", "up");
        expect(up.report.status).not.toBe("unavailable");
      },
    );

    it("names the identity provider within 2 s, stays ready, and is well again after", async () => {
      const port = Number(new URL(identity.issuer).port);
      await noticed("jwks", "up");
      await identity.close();
      const away = performance.now();
      const { report } = await noticed("jwks", "down");
      const milliseconds = performance.now() - away;
      console.log(`identity stopped: named after ${milliseconds.toFixed(0)} ms`);
      expect(milliseconds).toBeLessThan(NOTICED_WITHIN_MS);
      expect(report).toMatchObject({ status: "degraded", parts: { postgres: { state: "up" } } });
      const again = await startIdentity({ port });
      onTestFinished(() => again.close());
      await noticed("jwks", "up");
    });
  },
);
