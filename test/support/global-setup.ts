import { randomBytes } from "node:crypto";
import type { TestProject } from "vitest/node";
import { startIdentity } from "../../dev/identity.ts";
import { migrate } from "../../dev/migrate.ts";
import { type SqlEngine, servePostgresHttp } from "../../dev/postgres-http.ts";

const TOKEN_LIFE = { expiresInSeconds: 3600 };

/** The real parts around the Worker: a migrated database behind the HTTP protocol, and identity. */
export async function provideWorld(
  project: TestProject,
  engine: SqlEngine,
): Promise<() => Promise<void>> {
  const database = await servePostgresHttp({ engine });
  const databaseUrl = "postgres://outreach:outreach@localhost/outreach";
  await migrate({ databaseUrl, httpEndpoint: database.url });
  const identity = await startIdentity();
  const elsewhere = await startIdentity();

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
    LOG_LEVEL: "debug",
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
    await database.close();
    await engine.close();
  };
}
