import { createMiddleware } from "hono/factory";
import type { PolicyState } from "../../limits/check.ts";
import { type Client, identifyClient } from "../../limits/client.ts";
import type { Limiter, Verdict } from "../../limits/limiter.ts";
import type { LimitedRoute, Policy, PolicySubject } from "../../limits/policies.ts";
import { Problem } from "../problem.ts";

export interface RateLimitVariables {
  client: Client;
  limits: RequestLimits;
}

/** What a limited route calls. Each throws `rate_limited` when it refuses. */
export interface RequestLimits {
  /** Once the body can be shown again, before it is validated: gate 1. */
  admit(): Promise<void>;
  /**
   * Once the body is valid, so that a typing error costs a visitor nothing: gates 2 and 3.
   * @param subject.email normalised, where the route has a policy by e-mail address
   */
  charge(subject?: { email: string }): Promise<void>;
  /** Besides `charge`, when something that should have been verified could not be. */
  chargeUnverified(): Promise<void>;
}

/** Whose use is not the caller's alone. */
const SHARED: ReadonlySet<PolicySubject> = new Set(["email", "route"]);

/**
 * Gives a route its limits, and its answers, accepted or refused by them, the headers `RateLimit-Policy` and
 * `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10, list syntax of RFC 9651).
 */
export function rateLimit(route: LimitedRoute) {
  return createMiddleware<{
    Variables: RateLimitVariables & { deps: { readonly limiter: Limiter } };
  }>(async function rateLimit(c, next) {
    const { limiter } = c.var.deps;
    const client = identifyClient(c.req.raw.headers);
    let last: Verdict | undefined;
    const heed = (verdict: Verdict | undefined) => {
      last = verdict ?? last;
      if (verdict !== undefined && !verdict.allowed) throw rateLimited(verdict);
    };
    c.set("client", client);
    c.set("limits", {
      admit: async () => heed(await limiter.admit({ route, client })),
      charge: async (subject) => heed(await limiter.charge({ route, client, ...subject })),
      chargeUnverified: async () => heed(await limiter.chargeUnverified({ route, client })),
    });
    await next();
    // What failed for another reason says nothing of limits: the next attempt may meet others.
    if (last === undefined || (c.res.status >= 400 && c.res.status !== 429)) return;
    const { policies, states, violated } = last;
    c.res.headers.set("ratelimit-policy", policies.map(policyItem).join(", "));
    // What is left for an e-mail address or for everybody would tell a stranger what others have done.
    const shown = states.filter(
      (state) => !SHARED.has(state.policy.by) || violated.includes(state),
    );
    if (shown.length > 0) c.res.headers.set("ratelimit", shown.map(stateItem).join(", "));
  });
}

function rateLimited({ violated }: Verdict): Problem {
  const seconds = Math.max(1, ...violated.map(({ resetMs }) => Math.ceil(resetMs / 1000)));
  const names = violated.map(({ policy }) => policy.name);
  return new Problem("rate_limited", {
    detail: `Policy ${names.join(", ")}: try again in ${seconds} s`,
    headers: { "retry-after": String(seconds) },
    extensions: { violatedPolicies: names },
  });
}

const policyItem = ({ name, quota, windowSeconds }: Policy) =>
  `"${name}";q=${quota};w=${windowSeconds}`;

const stateItem = ({ policy, remaining, resetMs }: PolicyState) =>
  `"${policy.name}";r=${remaining};t=${Math.ceil(resetMs / 1000)}`;
