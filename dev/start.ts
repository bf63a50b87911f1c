import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { buildAssets } from "./build-assets.ts";
import { startIdentity } from "./identity.ts";
import { TOKEN_SECONDS } from "./identity-config.ts";
import { findLocalRedis } from "./local-redis.ts";
import { migrate } from "./migrate.ts";
import { pgliteEngine, servePostgresHttp } from "./postgres-http.ts";
import { type RedisHttp, serveRedisHttp } from "./redis-http.ts";
import { removeRunning, resolveDataDir, writeRunning } from "./running.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const dataDir = resolveDataDir();
const port = Number(process.env["PORT"] ?? 8787);
const url = `http://localhost:${port}`;
const identityPort = port + 1;
const audience = "urn:outreach:desk";
const clientId = "outreach-dashboard";
// The driver derives nothing from it here; it only has to have the right form.
const databaseUrl = "postgres://outreach:outreach@localhost/outreach";

const READY_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 5_000;
const MINUTE_MS = 60_000;

/** What to undo, last first, when the system stops. */
const stops: (() => Promise<void> | void)[] = [];
let stopping = false;

async function stop(code: number): Promise<never> {
  if (!stopping) {
    stopping = true;
    for (const undo of stops.reverse()) await undo();
  }
  process.exit(code);
}

function fail(message: string): Promise<never> {
  console.error(message);
  return stop(1);
}

/** Resolves when nobody listens on `port`; says who is in the way otherwise. */
function requireFreePort(port: number, purpose: string): Promise<void> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => {
      void fail(
        `Port ${port} (${purpose}) is taken. Stop what uses it, or choose another: PORT=9000 npm start`,
      );
    });
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve()));
  });
}

/** 32 random bytes, made once and kept, so that links and cursors survive a restart. */
function signingKey(): string {
  const file = join(dataDir, "signing-key");
  if (!existsSync(file)) writeFileSync(file, randomBytes(32).toString("base64"), { mode: 0o600 });
  return readFileSync(file, "utf8");
}

function startWorker(variables: Record<string, string>): ChildProcess {
  const envFile = join(dataDir, "worker.env");
  const lines = Object.entries(variables).map(([name, value]) => `${name}="${value}"\n`);
  writeFileSync(envFile, lines.join(""), { mode: 0o600 });
  const worker = spawn(
    process.execPath,
    [
      join(root, "node_modules/wrangler/bin/wrangler.js"),
      "dev",
      ...["--port", String(port), "--ip", "127.0.0.1", "--inspector-port", "0"],
      ...["--persist-to", join(dataDir, "worker"), "--env-file", envFile],
      ...["--log-level", "log", "--show-interactive-dev-session=false"],
    ],
    {
      cwd: root,
      stdio: ["ignore", "pipe", "inherit"],
      env: {
        ...process.env,
        WRANGLER_SEND_METRICS: "false",
        CLOUDFLARE_CF_FETCH_ENABLED: "false",
        CI: "true",
      },
    },
  );
  // Of wrangler's own talk only the Worker's log lines are of use here.
  createInterface({ input: worker.stdout }).on("line", (line) => {
    if (line.startsWith("{")) console.log(line);
  });
  worker.once("exit", (code) => {
    if (!stopping) void fail(`The Worker has stopped (exit code ${code}).`);
  });
  return worker;
}

function stopWorker(worker: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (worker.exitCode !== null || worker.signalCode !== null) return resolve();
    const timer = setTimeout(() => worker.kill("SIGKILL"), STOP_TIMEOUT_MS);
    worker.once("exit", () => {
      clearTimeout(timer);
      resolve();
    });
    worker.kill("SIGTERM");
  });
}

async function untilReady(): Promise<void> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  for (;;) {
    const answer = await fetch(`${url}/readyz`).catch(() => undefined);
    if (answer?.ok) return;
    if (Date.now() > deadline) {
      await fail(`The Worker is not ready: ${answer ? await answer.text() : "no answer"}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => void stop(0));
}

if (!Number.isInteger(port) || port < 1 || port > 65_534) {
  await fail("PORT must be a number from 1 to 65534.");
}
mkdirSync(dataDir, { recursive: true });
await requireFreePort(port, "the Worker");
await requireFreePort(identityPort, "the identity provider");

const engine = await pgliteEngine({ dataDir: join(dataDir, "postgres") });
stops.push(() => engine.close());
const database = await servePostgresHttp({ engine });
stops.push(() => database.close());
const { applied } = await migrate({ databaseUrl, httpEndpoint: database.url });

const identity = await startIdentity({
  port: identityPort,
  dataDir,
  dashboardOrigins: [url],
  audience,
  clientId,
  tokenSeconds: Number(process.env["TOKEN_SECONDS"] ?? TOKEN_SECONDS),
});
stops.push(() => identity.close());

const redisUrl = await findLocalRedis().catch((error: Error) => fail(error.message));
const redis: RedisHttp | undefined =
  redisUrl === undefined
    ? undefined
    : await serveRedisHttp({ redisUrl, token: randomBytes(24).toString("base64url") });
if (redis) stops.push(() => redis.close());

await buildAssets();
const worker = startWorker({
  DATABASE_URL: databaseUrl,
  DATABASE_HTTP_ENDPOINT: database.url,
  IDENTITY_ISSUER: identity.issuer,
  IDENTITY_AUDIENCE: audience,
  IDENTITY_JWKS_URL: identity.jwksUrl,
  DASHBOARD_CLIENT_ID: clientId,
  PUBLIC_BASE_URL: url,
  SIGNING_KEY: signingKey(),
  ...(redis && { UPSTASH_REDIS_REST_URL: redis.url, UPSTASH_REDIS_REST_TOKEN: redis.token }),
  // Metrics are off unless somebody wants to see them.
  METRICS_TOKEN: process.env["METRICS_TOKEN"] ?? "",
});
stops.push(() => stopWorker(worker));
await untilReady();

// wrangler has the address that sets off what cron triggers do, and nobody who calls it.
const schedule = setInterval(() => {
  fetch(`${url}/cdn-cgi/local/scheduled`).catch(() => undefined);
}, MINUTE_MS);
stops.push(() => clearInterval(schedule));

writeRunning(dataDir, {
  url,
  issuer: identity.issuer,
  audience,
  clientId,
  pid: process.pid,
  databaseHttpEndpoint: database.url,
});
stops.push(() => removeRunning(dataDir));

console.log(`
Dashboard          ${url}
API reference      ${url}/v1/api/outreach/doc
Health             ${url}/readyz
Identity           ${identity.issuer} (${identity.users.map((user) => user.id).join(", ")})
Database           ${database.url} (PGlite in ${join(dataDir, "postgres")}, ${applied} migrations applied now)
Limits             at the edge (simulated), ${
  redis
    ? `in Redis at ${new URL(redisUrl ?? "").host}, and in the isolate when Redis is away`
    : "and in the isolate; no Redis was found (REDIS_URL, or one on port 6379)"
}

Send a message as a visitor would:
  curl -H 'accept: text/html' -d 'name=Ada Byron' -d 'email=ada@example.com' \\
    --data-urlencode 'message=Do you deliver on Saturdays?' ${url}/v1/api/outreach/inquiries/submit

Read it as staff:
  curl -H "authorization: Bearer $(npm run --silent token -- EMPLOYEE)" ${url}/v1/api/outreach/inquiries

Ctrl-C stops everything.
ready ${url}`);
