import type { Policy } from "./policies.ts";

/** A policy with the counter it is checked against. Policies of one subject share a counter. */
export interface Check {
  readonly policy: Policy;
  /** Holds a keyed hash, never an address. */
  readonly key: string;
}

/** Where a policy stands after the request. */
export interface PolicyState {
  readonly policy: Policy;
  /** Requests left now. */
  readonly remaining: number;
  /** Until the next one comes back. */
  readonly resetMs: number;
}

/** What a gate says: everything was charged, or nothing was and `violated` names the policies. */
export interface Decision {
  readonly allowed: boolean;
  readonly states: readonly PolicyState[];
  readonly violated: readonly PolicyState[];
}

/** @param used of each check, before this request */
export function decide(
  checks: readonly Check[],
  used: readonly { count: number; resetMs: number }[],
): Decision {
  const before = checks.map(({ policy }, index) => {
    const { count = policy.quota, resetMs = policy.windowSeconds * 1000 } = used[index] ?? {};
    return { policy, remaining: Math.max(0, policy.quota - count), resetMs };
  });
  const violated = before.filter((state) => state.remaining < 1);
  if (violated.length > 0) return { allowed: false, states: before, violated };
  const states = before.map((state) => ({ ...state, remaining: state.remaining - 1 }));
  return { allowed: true, states, violated };
}
