import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from "jose";

/** For how long fetched keys are used without asking again. */
const FRESH_MS = 10 * 60_000;
/** A token with an unknown `kid` causes at most one fetch in this time, per isolate. */
const REFETCH_COOLDOWN_MS = 30_000;
const FETCH_TIMEOUT_MS = 3_000;

/** The identity provider could not be asked and no key is at hand. */
export class KeysUnavailable extends Error {
  override readonly name = "KeysUnavailable";
}

/** What an isolate remembers of one provider; bounded by being one key set. */
export interface KeyCache {
  resolve: JWTVerifyGetKey | undefined;
  fetchedAt: number;
  attemptedAt: number;
}

export function createKeyCache(): KeyCache {
  return {
    resolve: undefined,
    fetchedAt: Number.NEGATIVE_INFINITY,
    attemptedAt: Number.NEGATIVE_INFINITY,
  };
}

/**
 * Resolves the key of a token from the provider's JWKS (RFC 7517). Results are shared between
 * requests, fetches are not: a Worker may not await another request's I/O.
 */
export function createKeyResolver(options: {
  url: string;
  requestId: string;
  cache: KeyCache;
  /** Told of every fetch that brought no keys. */
  failed?: () => void;
  now?: () => number;
}): JWTVerifyGetKey {
  const { url, requestId, cache, failed = () => {}, now = Date.now } = options;

  async function refresh(): Promise<JWTVerifyGetKey | undefined> {
    const resolve = await fetchKeys();
    if (resolve === undefined) failed();
    return resolve;
  }

  async function fetchKeys(): Promise<JWTVerifyGetKey | undefined> {
    cache.attemptedAt = now();
    try {
      const response = await fetch(url, {
        headers: { accept: "application/json", "x-request-id": requestId },
        signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
      });
      if (!response.ok) return undefined;
      cache.resolve = createLocalJWKSet((await response.json()) as JSONWebKeySet);
      cache.fetchedAt = now();
      return cache.resolve;
    } catch {
      return undefined;
    }
  }

  return async (header, token) => {
    const stale = now() - cache.fetchedAt >= FRESH_MS;
    const mayFetch = now() - cache.attemptedAt >= REFETCH_COOLDOWN_MS;
    const fetchFirst = cache.resolve === undefined || (stale && mayFetch);
    const resolve = (fetchFirst ? await refresh() : undefined) ?? cache.resolve;
    if (resolve === undefined) throw new KeysUnavailable();
    try {
      return await resolve(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || fetchFirst || !mayFetch) throw error;
      const refreshed = await refresh();
      if (refreshed === undefined) throw error;
      return refreshed(header, token);
    }
  };
}
