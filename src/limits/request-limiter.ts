import type { Signer } from "../auth/signing.ts";
import { type Breaker, createBreaker } from "../breaker.ts";
import type { Logger } from "../telemetry/logger.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import {
  createFloodMemory,
  createFloodWatch,
  createLocalFloodLedger,
  type FloodLedger,
  type FloodMemory,
} from "./flood.ts";
import { createLimiter, type Limiter } from "./limiter.ts";
import { createLocalGate, type LocalGate } from "./local.ts";
import {
  createRedisFloodLedger,
  createRedisGate,
  createRedisStore,
  createUsedUp,
  type RedisStore,
  type UsedUp,
} from "./redis.ts";

/** Failures in a row after which Redis is left alone, and for how long. */
const REDIS_BREAKER = { failures: 3, pauseMs: 2_000 };

/** What the requests of one isolate share. Each part says what bounds it. */
export interface LimitState {
  readonly local: LocalGate;
  readonly usedUp: UsedUp;
  readonly redisBreaker: Breaker;
  readonly floodMemory: FloodMemory;
  readonly floodLedger: FloodLedger;
}

export function createLimitState(now: () => number = Date.now): LimitState {
  return {
    local: createLocalGate({ now }),
    usedUp: createUsedUp(),
    redisBreaker: createBreaker({ ...REDIS_BREAKER, now }),
    floodMemory: createFloodMemory(),
    floodLedger: createLocalFloodLedger({ now }),
  };
}

/** The limiter of one request. @param options.redis absent when no Redis is configured */
export function createRequestLimiter(options: {
  state: LimitState;
  edge: RateLimit | undefined;
  redis: { url: string; token: string } | undefined;
  floodCeiling: number;
  signer: Signer;
  requestId: string;
  log: Logger;
  metrics: Metrics;
  after: (work: () => Promise<void>) => void;
  announceFlood: (route: string, change: "started" | "ended", refused: number) => void;
  now?: () => number;
}): Limiter {
  const { state, edge, redis, floodCeiling, signer, requestId, log, metrics, after } = options;
  const { announceFlood, now = Date.now } = options;
  const breaker = state.redisBreaker;
  const store = redis && watched(createRedisStore({ ...redis, requestId }), metrics);
  const flood = createFloodWatch({
    memory: state.floodMemory,
    ledger: store
      ? createRedisFloodLedger({ store, breaker, otherwise: state.floodLedger })
      : state.floodLedger,
    now,
    wait: (ms) => scheduler.wait(ms),
    after,
    announce: announceFlood,
  });
  return createLimiter({
    edge,
    redis: store && createRedisGate({ store, breaker, usedUp: state.usedUp, log, now, after }),
    local: state.local,
    signer,
    floodCeiling,
    refused: (route, gate, violated) => {
      const policies = violated.map(({ policy }) => policy.name);
      log.info("rate limited", { limit: route, gate, policies });
      // Once for each write, whatever the number of policies it violated.
      const policy = policies[0] ?? "none";
      metrics.count("outreach_rate_limited_total", { route, gate, policy });
      flood.refused(route);
    },
  });
}

/** Counts the calls that Redis did not answer, and lets them fail. */
function watched(store: RedisStore, metrics: Metrics): RedisStore {
  const watch = (call: Promise<unknown>) =>
    call.catch((error: unknown) => {
      metrics.count("outreach_dependency_errors_total", { dependency: "redis" });
      throw error;
    });
  return {
    eval: (script, keys, args) => watch(store.eval(script, keys, args)),
    ping: () => watch(store.ping()),
  };
}
