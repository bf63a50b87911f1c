import type { Client } from "./client.ts";

/** `quota` requests in any `windowSeconds`, counted for each value of `by`. */
export interface Policy {
  /** What the RateLimit headers and problems call it. */
  readonly name: string;
  readonly by: PolicySubject;
  readonly quota: number;
  readonly windowSeconds: number;
}

/**
 * - `client`: one visitor (IPv4 address or IPv6 /64)
 * - `workers`: all Workers of Cloudflare's network together, who show one address
 * - `unreadable`: all requests whose address cannot be read together
 * - `email`: one e-mail address, whoever sends it
 * - `route`: everybody together, the flood ceiling
 */
export type PolicySubject = "client" | "workers" | "unreadable" | "email" | "route";

/**
 * THE table. A new public write is one row here, and the calls of `rateLimit` in its route.
 * The flood ceiling's quota is the default of the variable `FLOOD_CEILING`.
 */
export const POLICIES = {
  submit: [
    { name: "submit", by: "client", quota: 5, windowSeconds: 60 },
    { name: "submit-hour", by: "client", quota: 30, windowSeconds: 3600 },
    { name: "submit-workers", by: "workers", quota: 60, windowSeconds: 60 },
    { name: "submit-unreadable", by: "unreadable", quota: 5, windowSeconds: 60 },
    { name: "submit-flood", by: "route", quota: 600, windowSeconds: 60 },
  ],
  subscribe: [
    { name: "subscribe", by: "client", quota: 5, windowSeconds: 60 },
    { name: "subscribe-workers", by: "workers", quota: 60, windowSeconds: 60 },
    { name: "subscribe-unreadable", by: "unreadable", quota: 5, windowSeconds: 60 },
    { name: "subscribe-email", by: "email", quota: 3, windowSeconds: 3600 },
    { name: "subscribe-flood", by: "route", quota: 600, windowSeconds: 60 },
  ],
} as const satisfies Record<string, readonly Policy[]>;

export type LimitedRoute = keyof typeof POLICIES;

/**
 * Gate 1, the Workers binding `EDGE_LIMIT`: the numbers are those of wrangler.toml. Twice the
 * largest burst that the policies above allow a client, because the binding counts in fixed windows
 * and only roughly: it is there to take a flood off the network, never to refuse who is within them.
 */
export const EDGE_POLICY = { name: "burst", by: "client", quota: 10, windowSeconds: 10 } as const;

/** In an isolate, for writes whose Turnstile token cannot be checked because Turnstile is away. */
export const UNVERIFIED_POLICIES: readonly Policy[] = [
  { name: "unverified", by: "client", quota: 2, windowSeconds: 60 },
  { name: "unverified-all", by: "route", quota: 60, windowSeconds: 60 },
];

const SUBJECT_OF_CLIENT = {
  visitor: "client",
  workers: "workers",
  unreadable: "unreadable",
  unidentified: undefined,
} as const satisfies Record<Client["kind"], PolicySubject | undefined>;

/**
 * The policies that hold for one request. Who did not come through the edge is under the flood
 * ceiling alone: on the internet nobody can leave the address out.
 */
export function selectPolicies(
  policies: readonly Policy[],
  request: { client: Client; email: string | undefined; floodCeiling: number },
): Policy[] {
  const subject = SUBJECT_OF_CLIENT[request.client.kind];
  return policies
    .filter(
      ({ by }) =>
        by === "route" || by === subject || (by === "email" && request.email !== undefined),
    )
    .map((policy) =>
      policy.name.endsWith("-flood") ? { ...policy, quota: request.floodCeiling } : policy,
    );
}
