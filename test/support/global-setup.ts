import { randomBytes } from "node:crypto";
import type { TestProject } from "vitest/node";
import { startIdentity } from "../../dev/identity.ts";
import { migrate } from "../../dev/migrate.ts";
import { type SqlEngine, servePostgresHttp } from "../../dev/postgres-http.ts";
import { startTurnstile, TURNSTILE_SECRET } from "./turnstile.ts";

const TOKEN_LIFE = { expiresInSeconds: 3600 };

/**
 * The real parts around the Worker: a migrated database behind the HTTP protocol, and identity.
 * @param variables of the Worker, besides the usual ones
 */
export async function provideWorld(
  project: TestProject,
  engine: SqlEngine,
  variables: Readonly<Record<string, string>> = {},
): Promise<() => Promise<void>> {
  const database = await servePostgresHttp({ engine });
  const databaseUrl = "postgres://outreach:outreach@localhost/outreach";
  await migrate({ databaseUrl, httpEndpoint: database.url });
  const identity = await startIdentity();
  const elsewhere = await startIdentity();
  const turnstile = await startTurnstile();

  project.provide("workerBindings", {
    DATABASE_URL: databaseUrl,
    DATABASE_HTTP_ENDPOINT: database.url,
    IDENTITY_ISSUER: identity.issuer,
    IDENTITY_AUDIENCE: identity.audience,
    IDENTITY_JWKS_URL: identity.jwksUrl,
    ALLOWED_ORIGINS: "https://www.shop.test, http://localhost:8787",
    PUBLIC_BASE_URL: "https://outreach.test",
    // A machine that runs tests may be slow; what happens after the real 800 ms has tests of its own.
    INSERT_BUDGET_MS: "10000",
    SIGNING_KEY: randomBytes(32).toString("base64"),
    // Tests of other things share it, and some send hundreds.
    FLOOD_CEILING: "100000",
    LOG_LEVEL: "debug",
    ...variables,
  });
  project.provide("turnstile", {
    TURNSTILE_SECRET,
    TURNSTILE_SITE_KEY: "1x-local-site-key",
    TURNSTILE_VERIFY_URL: turnstile.url,
  });
  project.provide("tokens", {
    owner: await identity.token("OWNER", TOKEN_LIFE),
    employee: await identity.token("EMPLOYEE", TOKEN_LIFE),
    cashier: await identity.token("CASHIER", TOKEN_LIFE),
    visitor: await identity.token("VISITOR", TOKEN_LIFE),
    expired: await identity.token("OWNER", { expiresInSeconds: -3600 }),
    foreign: await elsewhere.token("OWNER", TOKEN_LIFE),
  });

  return async () => {
    await identity.close();
    await elsewhere.close();
    await turnstile.close();
    await database.close();
    await engine.close();
  };
}
