import { BoundedMap } from "./bounded-map.ts";
import { type Check, type Decision, decide } from "./check.ts";

/** Clients an isolate remembers; at some 100 bytes each that is a megabyte. */
const CAPACITY = 10_000;

interface Bucket {
  readonly tokens: number;
  readonly at: number;
}

/** Gate 3: token buckets in the isolate's memory. Exact for nobody, but never open and never slow. */
export interface LocalGate {
  check(checks: readonly Check[]): Decision;
  /** Charges what another gate has accepted, so that its failing does not give everybody a new quota. */
  note(checks: readonly Check[]): void;
}

export function createLocalGate(options: { capacity?: number; now: () => number }): LocalGate {
  const { capacity = CAPACITY, now } = options;
  const buckets = new BoundedMap<Bucket>(capacity);

  function look(checks: readonly Check[], at: number) {
    return checks.map(({ policy, key }) => {
      const { quota, windowSeconds } = policy;
      const id = `${policy.name} ${key}`;
      const perToken = (windowSeconds * 1000) / quota;
      const bucket = buckets.get(id);
      const tokens =
        bucket === undefined
          ? quota
          : Math.min(quota, bucket.tokens + Math.max(0, at - bucket.at) / perToken);
      const untilNext = tokens >= quota ? perToken : (1 - (tokens % 1)) * perToken;
      const count = quota - Math.floor(tokens);
      return { id, tokens, count, resetMs: Math.ceil(untilNext) };
    });
  }

  function charge(found: ReturnType<typeof look>, at: number) {
    for (const { id, tokens } of found) buckets.set(id, { tokens: Math.max(0, tokens - 1), at });
  }

  return {
    check(checks) {
      const at = now();
      const found = look(checks, at);
      const decision = decide(checks, found);
      if (decision.allowed) charge(found, at);
      return decision;
    },
    note(checks) {
      const at = now();
      charge(look(checks, at), at);
    },
  };
}
