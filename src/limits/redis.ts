import { Redis } from "@upstash/redis/cloudflare";
import type { Breaker } from "../breaker.ts";
import { type Logger, nameOf } from "../telemetry/logger.ts";
import { BoundedMap } from "./bounded-map.ts";
import { type Check, type Decision, decide, type PolicyState } from "./check.ts";
import { FLOOD_SCRIPT, type FloodLedger } from "./flood.ts";
import { CHARGE_SCRIPT } from "./script.ts";

/** What Redis may cost a visitor. */
const BUDGET_MS = 250;
/** Counters an isolate remembers as used up. */
const REMEMBERED = 10_000;

/** One round trip each; throws when there is no answer within the budget. */
export interface RedisStore {
  eval(
    script: string,
    keys: readonly string[],
    args: readonly (string | number)[],
  ): Promise<unknown>;
  ping(): Promise<unknown>;
}

/** Adds the request's id to every call; the library has no option for it. */
class TracedRedis extends Redis {
  constructor(options: ConstructorParameters<typeof Redis>[0], requestId: string) {
    super(options);
    const inner = this.client;
    this.client = {
      ...inner,
      request: (call) =>
        inner.request({ ...call, headers: { ...call.headers, "x-request-id": requestId } }),
    };
  }
}

/** Upstash Redis over HTTP, for one request. @param options.budgetMs for each call */
export function createRedisStore(options: {
  url: string;
  token: string;
  requestId: string;
  budgetMs?: number;
}): RedisStore {
  const { url, token, requestId, budgetMs = BUDGET_MS } = options;
  // Constructed at the first call only: many requests never ask.
  let redis: Redis | undefined;
  const connect = () => {
    redis ??= new TracedRedis(
      {
        url,
        token,
        // `false` would still try twice; a static signal would abort every call but the first.
        retry: { retries: 0 },
        signal: () => AbortSignal.timeout(budgetMs),
        // One command a request: a pipeline would only be another shape of the same.
        enableAutoPipelining: false,
        readYourWrites: false,
        enableTelemetry: false,
      },
      requestId,
    );
    return redis;
  };
  return {
    eval: (script, keys, args) => connect().eval(script, [...keys], [...args]),
    ping: () => connect().ping(),
  };
}

/** Counters that are known to be used up, and until when. Shared by the requests of an isolate. */
export type UsedUp = BoundedMap<{ until: number; state: PolicyState }>;

export function createUsedUp(): UsedUp {
  return new BoundedMap(REMEMBERED);
}

/** Gate 2: exact over the whole world. */
export interface RedisGate {
  /** @returns undefined when Redis is away: then another gate has to decide. */
  check(checks: readonly Check[]): Promise<Decision | undefined>;
}

export function createRedisGate(options: {
  store: RedisStore;
  breaker: Breaker;
  usedUp: UsedUp;
  log: Logger;
  now: () => number;
  /** Runs work that the visitor does not wait for. */
  after: (work: () => Promise<void>) => void;
}): RedisGate {
  const { store, breaker, usedUp, log, now, after } = options;

  async function attempt<T>(call: () => Promise<T>): Promise<T | undefined> {
    try {
      const answer = await call();
      if (breaker.open) log.info("redis is back");
      breaker.succeeded();
      return answer;
    } catch (error) {
      const wasOpen = breaker.open;
      breaker.failed();
      if (!wasOpen) log.warn("redis failed", { error: nameOf(error), open: breaker.open });
      return undefined;
    }
  }

  return {
    async check(checks) {
      // Refused requests are not charged, so what was used up stays so until its oldest one leaves:
      // a flood from one client costs one round trip for each time it is let in.
      const remembered = checks.flatMap(({ policy, key }) => {
        const known = usedUp.get(memory(policy.name, key));
        if (known === undefined) return [];
        const resetMs = known.until - now();
        return resetMs > 0 ? [{ ...known.state, resetMs }] : [];
      });
      if (remembered.length > 0) {
        return { allowed: false, states: remembered, violated: remembered };
      }
      if (breaker.open) {
        // Nobody waits to find out whether Redis is back.
        if (breaker.allows()) after(() => attempt(() => store.ping()).then(() => undefined));
        return undefined;
      }
      const keys = [...new Set(checks.map(({ key }) => key))];
      const args = checks.flatMap(({ policy, key }) => [
        keys.indexOf(key) + 1,
        policy.quota,
        policy.windowSeconds * 1000,
      ]);
      const answer = await attempt(async () =>
        readAnswer(await store.eval(CHARGE_SCRIPT, keys, args), checks.length),
      );
      if (answer === undefined) return undefined;
      const decision = decide(checks, answer);
      for (const state of decision.violated) {
        const key = checks.find(({ policy }) => policy === state.policy)?.key ?? "";
        usedUp.set(memory(state.policy.name, key), { until: now() + state.resetMs, state });
      }
      return decision;
    },
  };
}

const memory = (policy: string, key: string) => `${policy} ${key}`;

/** @throws {TypeError} when the answer is not the script's */
function readAnswer(answer: unknown, checks: number): { count: number; resetMs: number }[] {
  if (!Array.isArray(answer) || answer.length !== 1 + 2 * checks || !answer.every(Number.isInteger))
    throw new TypeError("not an answer of the script");
  const numbers = answer as number[];
  return Array.from({ length: checks }, (_, index) => ({
    count: numbers[1 + 2 * index] ?? 0,
    resetMs: numbers[2 + 2 * index] ?? 0,
  }));
}

/** The flood ledger of all isolates together; `otherwise` serves while Redis is away. */
export function createRedisFloodLedger(options: {
  store: RedisStore;
  breaker: Breaker;
  otherwise: FloodLedger;
}): FloodLedger {
  const { store, breaker, otherwise } = options;
  return {
    async add(route, refused) {
      if (breaker.open) return otherwise.add(route, refused);
      const keys = [`outreach:refused:${route}`, `outreach:flood:${route}`];
      try {
        const answer = (await store.eval(FLOOD_SCRIPT, keys, [refused])) as number[];
        const [change, flooding, minute = 0] = answer;
        return {
          change: change === 1 ? "started" : change === 2 ? "ended" : undefined,
          flooding: flooding === 1,
          minute,
        };
      } catch {
        return otherwise.add(route, refused);
      }
    },
  };
}
