import { createKeyCache, createKeyResolver } from "./auth/jwks.ts";
import { createPermissions, createRuleCache, type Permissions } from "./auth/permissions.ts";
import { createSigner, type Signer } from "./auth/signing.ts";
import { type TokenVerdict, verifyToken } from "./auth/tokens.ts";
import { type Breaker, createBreaker } from "./breaker.ts";
import { type Config, parseConfig } from "./config.ts";
import { createDatabase, type Database } from "./db/client.ts";
import { loadRules } from "./db/permissions.ts";
import { createIntake, type Intake } from "./intake/accept.ts";
import type { CommandContext } from "./intake/command.ts";
import { createSpoolClient, type SpoolClient } from "./intake/spool-client.ts";
import { createPublish, type Publish } from "./rooms/publish.ts";
import { createLogger, type Logger } from "./telemetry/logger.ts";

/** Everything a service may need; each takes the slice it uses. Made anew for every request. */
export interface Deps {
  readonly config: Config;
  readonly log: Logger;
  readonly db: Database;
  readonly signer: Signer;
  readonly permissions: Permissions;
  readonly publish: Publish;
  readonly intake: Intake;
  readonly spool: SpoolClient;
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
}

/** Three visitors in a row wait in vain; then one background probe a second asks. */
const DATABASE_BREAKER = { failures: 3, pauseMs: 1_000 };

/** One round trip of a replay, which holds many writes and keeps nobody waiting. */
const REPLAY_BUDGET_MS = 5_000;

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
    databaseBreaker: createBreaker(DATABASE_BREAKER),
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
  const { config, signer, keyCache, ruleCache, databaseBreaker } = isolateOf(env);
  const { requestId, background, after } = scope;
  const log = createLogger({ level: config.logLevel, fields: { requestId } });
  const db = createDatabase({ ...config.database, requestId });
  const { issuer, audience, rolesClaim, jwksUrl } = config.identity;
  const keys = createKeyResolver({ url: jwksUrl, requestId, cache: keyCache });
  const publish = createPublish({ rooms: env.ROOMS, log, after });
  const spool = createSpoolClient(env.SPOOL);
  return {
    config,
    log,
    db,
    signer,
    permissions: createPermissions({ load: () => loadRules(db), cache: ruleCache, background }),
    publish,
    spool,
    intake: createIntake({
      db: createDatabase({ ...config.database, requestId, timeoutMs: config.insertBudgetMs }),
      nodeId: config.nodeId,
      breaker: databaseBreaker,
      spool,
      log,
      announce: publish,
      background,
    }),
    verifyToken: (token) => verifyToken(token, { keys, issuer, audience, rolesClaim }),
    now: () => new Date(),
  };
}

/**
 * What the spool needs to do later what a request could not do.
 * @throws {ConfigError} when the environment cannot be used
 */
export function makeReplayDeps(
  env: Env,
  { requestId }: { requestId: string },
): { context: CommandContext; log: Logger } {
  const { config } = isolateOf(env);
  const db = createDatabase({ ...config.database, requestId, timeoutMs: REPLAY_BUDGET_MS });
  return {
    context: { db, nodeId: config.nodeId },
    log: createLogger({ level: config.logLevel, fields: { requestId } }),
  };
}
