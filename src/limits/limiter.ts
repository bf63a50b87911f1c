import type { Signer } from "../auth/signing.ts";
import type { Check, Decision, PolicyState } from "./check.ts";
import type { Client } from "./client.ts";
import type { LocalGate } from "./local.ts";
import {
  EDGE_POLICY,
  type LimitedRoute,
  POLICIES,
  type Policy,
  selectPolicies,
  UNVERIFIED_POLICIES,
} from "./policies.ts";
import type { RedisGate } from "./redis.ts";

export type Gate = "edge" | "redis" | "local";

/** What was decided, by which gate, under which policies. */
export interface Verdict extends Decision {
  readonly gate: Gate;
  /** Every policy the request is under, for `RateLimit-Policy`. */
  readonly policies: readonly Policy[];
}

/** Who asks for what. */
export interface Asked {
  readonly route: LimitedRoute;
  readonly client: Client;
  /** Normalised, for routes with a policy by e-mail address. */
  readonly email?: string | undefined;
}

/** The three gates, cheapest first. Nothing here throws: a gate that is away is passed over. */
export interface Limiter {
  /** Gate 1, before anything is looked at. @returns undefined when it lets the request through */
  admit(asked: Asked): Promise<Verdict | undefined>;
  /** Gate 2, or 3 when that is absent or failing: checks and charges every policy, or none. */
  charge(asked: Asked): Promise<Verdict>;
  /** A tighter limit, in this isolate, for what could not be verified because a checker is away. */
  chargeUnverified(asked: Asked): Promise<Verdict>;
}

/**
 * @param options.edge the Workers rate-limit binding; absent outside Cloudflare and its simulator
 * @param options.redis absent when no Redis is configured
 * @param options.refused told of every refusal
 */
export function createLimiter(options: {
  edge: RateLimit | undefined;
  redis: RedisGate | undefined;
  local: LocalGate;
  signer: Signer;
  floodCeiling: number;
  refused: (route: LimitedRoute, gate: Gate, violated: readonly PolicyState[]) => void;
}): Limiter {
  const { edge, redis, local, signer, floodCeiling, refused } = options;

  const hashed = (text: string) => signer.sign("limit", text);

  async function keyFor({ by }: Policy, { route, client, email }: Asked): Promise<string> {
    const at = `outreach:limit:${route}`;
    if (by === "client") return `${at}:client:${await hashed(client.key ?? "")}`;
    if (by === "email") return `${at}:email:${await hashed(email ?? "")}`;
    return `${at}:${by}`;
  }

  async function checksFor(policies: readonly Policy[], asked: Asked): Promise<Check[]> {
    const { client, email } = asked;
    const selected = selectPolicies(policies, { client, email, floodCeiling });
    const keys = new Map<string, Promise<string>>();
    return Promise.all(
      selected.map(async (policy) => {
        const key = keys.get(policy.by) ?? keyFor(policy, asked);
        keys.set(policy.by, key);
        return { policy, key: await key };
      }),
    );
  }

  function verdict(asked: Asked, gate: Gate, policies: readonly Policy[], decision: Decision) {
    if (!decision.allowed) refused(asked.route, gate, decision.violated);
    return { ...decision, gate, policies };
  }

  return {
    async admit(asked) {
      if (edge === undefined || asked.client.kind !== "visitor") return undefined;
      const key = `${asked.route}:${await hashed(asked.client.key)}`;
      // The binding fails open: it is the cheapest gate, not the last.
      const { success } = await edge.limit({ key }).catch(() => ({ success: true }));
      if (success) return undefined;
      const state = {
        policy: EDGE_POLICY,
        remaining: 0,
        resetMs: EDGE_POLICY.windowSeconds * 1000,
      };
      const policies = [EDGE_POLICY, ...POLICIES[asked.route].filter(({ by }) => by === "client")];
      const decision = { allowed: false, states: [state], violated: [state] };
      return verdict(asked, "edge", policies, decision);
    },

    async charge(asked) {
      const checks = await checksFor(POLICIES[asked.route], asked);
      const policies = checks.map(({ policy }) => policy);
      const decision = await redis?.check(checks);
      if (decision !== undefined) {
        if (decision.allowed) local.note(checks);
        return verdict(asked, "redis", policies, decision);
      }
      return verdict(asked, "local", policies, local.check(checks));
    },

    async chargeUnverified(asked) {
      const checks = await checksFor(UNVERIFIED_POLICIES, asked);
      const policies = checks.map(({ policy }) => policy);
      return verdict(asked, "local", policies, local.check(checks));
    },
  };
}
