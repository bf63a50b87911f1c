import type { Signer } from "../auth/signing.ts";
import { type Breaker, createBreaker } from "../breaker.ts";
import type { Logger } from "../telemetry/logger.ts";
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
  after: (work: () => Promise<void>) => void;
  announceFlood: (route: string, change: "started" | "ended", refused: number) => void;
  now?: () => number;
}): Limiter {
  const { state, edge, redis, floodCeiling, signer, requestId, log, after } = options;
  const { announceFlood, now = Date.now } = options;
  const breaker = state.redisBreaker;
  const store = redis && createRedisStore({ ...redis, requestId });
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
      flood.refused(route);
    },
  });
}
