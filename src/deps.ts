import { createKeyCache, createKeyResolver } from "./auth/jwks.ts";
import { createPermissions, createRuleCache, type Permissions } from "./auth/permissions.ts";
import { createSigner, type Signer } from "./auth/signing.ts";
import { type TokenVerdict, verifyToken } from "./auth/tokens.ts";
import { type Config, parseConfig } from "./config.ts";
import { createDatabase, type Database } from "./db/client.ts";
import { countInquiries } from "./db/counts.ts";
import { appliedMigrations, KNOWN_MIGRATIONS } from "./db/migrations.ts";
import { loadRules } from "./db/permissions.ts";
import { requireWritable } from "./db/probe.ts";
import type { Part } from "./health/part.ts";
import { jwksPart } from "./health/parts/jwks.ts";
import { metricsPart } from "./health/parts/metrics.ts";
import { countsPart, migrationsPart, postgresPart } from "./health/parts/postgres.ts";
import { roomsPart } from "./health/parts/rooms.ts";
import { createReadinessCache, type ReadinessCache } from "./health/service.ts";
import { ROOMS } from "./rooms/protocol.ts";
import { createPublish, type Publish } from "./rooms/publish.ts";
import { pingHubs, readTotals } from "./telemetry/hub-client.ts";
import { metricsOf } from "./telemetry/isolate-metrics.ts";
import { createLogger, type Logger } from "./telemetry/logger.ts";
import type { Metrics, Sample } from "./telemetry/metrics.ts";

/** Everything a service may need; each takes the slice it uses. Made anew for every request. */
export interface Deps {
  readonly config: Config;
  readonly log: Logger;
  readonly db: Database;
  readonly signer: Signer;
  readonly permissions: Permissions;
  readonly publish: Publish;
  readonly metrics: Metrics;
  /** What `/readyz` asks and `/metrics` measures. */
  readonly parts: readonly Part[];
  readonly readiness: ReadinessCache;
  /** Totals over all isolates. @throws when they are not complete */
  readTotals(): Promise<readonly Sample[]>;
  verifyToken(token: string): Promise<TokenVerdict>;
  now(): Date;
}

/** What the requests of one isolate share. Bounded: one set for each environment object. */
interface Isolate {
  readonly config: Config;
  readonly signer: Signer;
  readonly keyCache: ReturnType<typeof createKeyCache>;
  readonly ruleCache: ReturnType<typeof createRuleCache>;
  readonly readiness: ReadinessCache;
}

const isolates = new WeakMap<Env, Isolate>();

function isolateOf(env: Env): Isolate {
  const known = isolates.get(env);
  if (known !== undefined) return known;
  const config = parseConfig(env);
  const isolate: Isolate = {
    config,
    signer: createSigner(config.signingKey),
    keyCache: createKeyCache(),
    ruleCache: createRuleCache(),
    readiness: createReadinessCache(),
  };
  isolates.set(env, isolate);
  return isolate;
}

/** What a request brings. */
export interface RequestScope {
  readonly requestId: string;
  /** Runs work while the answer is made or after it, and keeps the isolate alive for it. */
  background(work: Promise<unknown>): void;
  /** Runs work once the answer is on its way. */
  after(work: () => Promise<void>): void;
}

/**
 * The only place that constructs what talks to the world.
 * @throws {ConfigError} when the environment cannot be used
 */
export function makeDeps(env: Env, scope: RequestScope): Deps {
  const { config, signer, keyCache, ruleCache, readiness } = isolateOf(env);
  const { requestId, background, after } = scope;
  const log = createLogger({ level: config.logLevel, fields: { requestId } });
  const metrics = metricsOf(env);
  const failed = (dependency: "postgres" | "jwks") => () =>
    metrics.count("outreach_dependency_errors_total", { dependency });
  const db = createDatabase({ ...config.database, requestId, failed: failed("postgres") });
  const { issuer, audience, rolesClaim, jwksUrl } = config.identity;
  const keys = createKeyResolver({
    url: jwksUrl,
    requestId,
    cache: keyCache,
    failed: failed("jwks"),
  });
  const rooms = ROOMS.map((room) => [room, () => env.ROOMS.getByName(room).status()] as const);
  return {
    config,
    log,
    db,
    signer,
    permissions: createPermissions({ load: () => loadRules(db), cache: ruleCache, background }),
    publish: createPublish({ rooms: env.ROOMS, log, metrics, after }),
    metrics,
    // One line for everything the service is made of; each is asked by /readyz, measured by /metrics.
    parts: [
      postgresPart({ requireWritable: () => requireWritable(db) }),
      migrationsPart({ known: KNOWN_MIGRATIONS, applied: () => appliedMigrations(db) }),
      countsPart({ inquiries: () => countInquiries(db) }),
      jwksPart({ url: jwksUrl, requestId, hasKeys: () => keyCache.resolve !== undefined }),
      roomsPart({ rooms: Object.fromEntries(rooms) }),
      ...(config.metricsToken === undefined
        ? []
        : [metricsPart({ ping: () => pingHubs(env.METRICS) })]),
    ],
    readiness,
    readTotals: () => readTotals(env.METRICS),
    verifyToken: (token) => verifyToken(token, { keys, issuer, audience, rolesClaim }),
    now: () => new Date(),
  };
}
