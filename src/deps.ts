import { askForKeys, createKeyCache, createKeyResolver, holdsUsableKeys } from "./auth/jwks.ts";
import {
  createPermissions,
  createRuleCache,
  MAX_RULES,
  type Permissions,
} from "./auth/permissions.ts";
import { createSharedKeys } from "./auth/shared-keys.ts";
import { createSigner, type Signer } from "./auth/signing.ts";
import { type TokenVerdict, verifyToken } from "./auth/tokens.ts";
import { type Breaker, createBreaker } from "./breaker.ts";
import { type Config, parseConfig } from "./config.ts";
import { createDatabase, type Database } from "./db/client.ts";
import { appliedMigrations, KNOWN_MIGRATIONS } from "./db/migrations.ts";
import { loadRules } from "./db/permissions.ts";
import { requireWritable } from "./db/probe.ts";
import { countByStatus } from "./db/rollups.ts";
import { INQUIRY_STATUSES, SUBSCRIBER_STATUSES } from "./db/schema.ts";
import type { Part } from "./health/part.ts";
import { jwksPart } from "./health/parts/jwks.ts";
import { metricsPart } from "./health/parts/metrics.ts";
import { countsPart, migrationsPart, postgresPart } from "./health/parts/postgres.ts";
import { redisPart } from "./health/parts/redis.ts";
import { roomsPart } from "./health/parts/rooms.ts";
import { spoolPart } from "./health/parts/spool.ts";
import { createReadinessCache, type ReadinessCache } from "./health/service.ts";
import { createIntake, type Intake } from "./intake/accept.ts";
import type { CommandContext } from "./intake/command.ts";
import { createTurnstile, type Turnstile } from "./intake/spam-turnstile.ts";
import { createSpoolClient, type SpoolClient } from "./intake/spool-client.ts";
import type { Limiter } from "./limits/limiter.ts";
import {
  createLimitState,
  createRequestLimiter,
  type LimitState,
} from "./limits/request-limiter.ts";
import { ROOMS } from "./rooms/protocol.ts";
import { createPublish, type Publish } from "./rooms/publish.ts";
import { createRoomsClient, type RoomsClient } from "./rooms/rooms-client.ts";
import type { Dependency } from "./telemetry/catalogue.ts";
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
  readonly rooms: RoomsClient;
  readonly intake: Intake;
  readonly spool: SpoolClient;
  readonly limiter: Limiter;
  /** Absent where Turnstile is not configured. */
  readonly turnstile: Turnstile | undefined;
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
  readonly databaseBreaker: Breaker;
  readonly limits: LimitState;
  readonly turnstileBreaker: Breaker;
  readonly readiness: ReadinessCache;
}

/** Three visitors in a row wait in vain; then one background probe a second asks. */
const DATABASE_BREAKER = { failures: 3, pauseMs: 1_000 };

/** One round trip of a replay, which holds many writes and keeps nobody waiting. */
const REPLAY_BUDGET_MS = 5_000;

/** Well within the second that a part has, so that keys which are at hand are still told of. */
const JWKS_PROBE_MS = 800;

const isolates = new WeakMap<Env, Isolate>();

function isolateOf(env: Env): Isolate {
  const known = isolates.get(env);
  if (known !== undefined) return known;
  const config = parseConfig(env);
  const isolate: Isolate = {
    config,
    signer: createSigner(config.signingKey, config.signingKeyPrevious),
    keyCache: createKeyCache(),
    ruleCache: createRuleCache(),
    databaseBreaker: createBreaker(DATABASE_BREAKER),
    limits: createLimitState(),
    turnstileBreaker: createBreaker({ failures: 3, pauseMs: 10_000 }),
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
  const isolate = isolateOf(env);
  const { config, signer, keyCache, ruleCache, databaseBreaker, limits, turnstileBreaker } =
    isolate;
  const { requestId, background, after } = scope;
  const log = createLogger({ level: config.logLevel, fields: { requestId } });
  const metrics = metricsOf(env);
  const failed = (dependency: Dependency) => () =>
    metrics.count("outreach_dependency_errors_total", { dependency });
  const db = createDatabase({ ...config.database, requestId, failed: failed("postgres") });
  const { issuer, audience, rolesClaim, jwksUrl } = config.identity;
  const shared = createSharedKeys({
    // Not `caches.default`, which holds answers to visitors.
    open: () => caches.open("identity-keys"),
    address: new URL(`/identity-keys/${encodeURIComponent(jwksUrl)}`, config.publicBaseUrl).href,
    source: jwksUrl,
    signer,
    log,
  });
  const keys = createKeyResolver({
    url: jwksUrl,
    requestId,
    cache: keyCache,
    log,
    background,
    shared,
    onFailure: failed("jwks"),
  });
  const from = { requestId };
  const publish = createPublish({ rooms: env.ROOMS, from, log, metrics, after });
  const spool = createSpoolClient(env.SPOOL, from);
  return {
    config,
    log,
    db,
    signer,
    permissions: permissionsBy(db, { ruleCache, background, log }),
    publish,
    rooms: createRoomsClient(env.ROOMS, from),
    spool,
    intake: createIntake({
      db: createDatabase({
        ...config.database,
        requestId,
        timeoutMs: config.insertBudgetMs,
        failed: failed("postgres"),
      }),
      nodeId: config.nodeId,
      breaker: databaseBreaker,
      spool,
      log,
      announce: publish,
      background,
      spoolFailed: failed("spool"),
    }),
    limiter: createRequestLimiter({
      state: limits,
      // Only Cloudflare and its simulator know the binding; workerd by itself does not.
      edge: (env as Partial<Env>).EDGE_LIMIT,
      redis: config.redis,
      floodCeiling: config.floodCeiling,
      signer,
      requestId,
      log,
      metrics,
      after,
      announceFlood: announceFlood(publish),
    }),
    turnstile:
      config.turnstile &&
      createTurnstile({
        ...config.turnstile,
        breaker: turnstileBreaker,
        requestId,
        log,
        failed: failed("turnstile"),
      }),
    metrics,
    parts: partsOf({ env, config, db, spool, keyCache, requestId }),
    readiness: isolate.readiness,
    readTotals: () => readTotals(env.METRICS, from),
    verifyToken: (token) => verifyToken(token, { keys, issuer, audience, rolesClaim }),
    now: () => new Date(),
  };
}

function permissionsBy(
  db: Database,
  of: Pick<Isolate, "ruleCache"> & Pick<RequestScope, "background"> & { log: Logger },
): Permissions {
  const { ruleCache, background, log } = of;
  return createPermissions({
    // One more than is accepted shows that there are too many.
    load: () => loadRules(db, MAX_RULES + 1),
    cache: ruleCache,
    background,
    log,
  });
}

/**
 * What a room holds its open sockets against.
 * @throws {ConfigError} when the environment cannot be used
 */
export function makeRoomPermissions(
  env: Env,
  { requestId, background }: Omit<RequestScope, "after">,
): Permissions {
  const { config, ruleCache } = isolateOf(env);
  const log = createLogger({ level: config.logLevel, fields: { requestId } });
  const db = createDatabase({ ...config.database, requestId });
  return permissionsBy(db, { ruleCache, background, log });
}

/** One line for everything the service is made of; each is asked by /readyz, measured by /metrics. */
function partsOf(of: {
  env: Env;
  config: Config;
  db: Database;
  spool: SpoolClient;
  keyCache: Isolate["keyCache"];
  requestId: string;
}): Part[] {
  const { env, config, db, spool, keyCache, requestId } = of;
  const { redis, metricsToken, identity } = config;
  const rooms = ROOMS.map(
    (room) => [room, async () => env.ROOMS.getByName(room).status({ requestId })] as const,
  );
  return [
    postgresPart({ requireWritable: () => requireWritable(db) }),
    migrationsPart({ known: KNOWN_MIGRATIONS, applied: () => appliedMigrations(db) }),
    countsPart({
      outreach_inquiries: () => countByStatus(db, "inquiry.status", INQUIRY_STATUSES),
      outreach_subscribers: () => countByStatus(db, "subscriber.status", SUBSCRIBER_STATUSES),
    }),
    spoolPart({ stats: () => spool.stats() }),
    jwksPart({
      ask: () => askForKeys({ url: identity.jwksUrl, requestId, timeoutMs: JWKS_PROBE_MS }),
      hasKeys: () => holdsUsableKeys(keyCache),
    }),
    roomsPart({ rooms: Object.fromEntries(rooms) }),
    ...(redis === undefined ? [] : [redisPart({ ...redis, requestId })]),
    ...(metricsToken === undefined
      ? []
      : [metricsPart({ ping: () => pingHubs(env.METRICS, { requestId }) })]),
  ];
}

/**
 * What the spool needs to do later what a request could not do.
 * @throws {ConfigError} when the environment cannot be used
 */
export function makeReplayDeps(
  env: Env,
  { requestId }: { requestId: string },
): { context: CommandContext; log: Logger; metrics: Metrics } {
  const { config } = isolateOf(env);
  const db = createDatabase({ ...config.database, requestId, timeoutMs: REPLAY_BUDGET_MS });
  return {
    context: { db, nodeId: config.nodeId },
    metrics: metricsOf(env),
    log: createLogger({ level: config.logLevel, fields: { requestId } }),
  };
}

/** Tells the `operations` room that a flood began or is over. */
function announceFlood(publish: Publish) {
  return (route: string, change: "started" | "ended", refused: number) =>
    publish({
      room: "operations",
      event: {
        type: `operations.flood_${change}`,
        time: new Date().toISOString(),
        data: { route, refusedInLastMinute: refused },
      },
      message: `Flood ${change}`,
      about: { limit: route },
    });
}
