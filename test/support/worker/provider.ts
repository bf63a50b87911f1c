import type { JWK } from "jose";

/** A key set's endpoint in memory: counts what it is asked, and can be away. */
export function aProvider(...keys: { publicJwk: JWK }[]) {
  const provider = {
    requests: 0,
    keys,
    /** Answers instead of the key set. */
    answer: undefined as (() => Response | Promise<Response>) | undefined,
    away: false,
    async fetch(): Promise<Response> {
      provider.requests += 1;
      if (provider.away) throw new TypeError("connection refused");
      if (provider.answer) return provider.answer();
      return Response.json({ keys: provider.keys.map(({ publicJwk }) => publicJwk) });
    },
  };
  return provider;
}
