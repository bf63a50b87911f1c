import type { JWTVerifyGetKey } from "jose";
import type { Logger } from "../telemetry/logger.ts";
import {
  BadBody,
  type KeySet,
  MAX_KEY_SET_BYTES,
  readJson,
  readKeySet,
  type SharedKeys,
} from "./key-set.ts";

/** For how long fetched keys are used without asking again. */
export const FRESH_MS = 10 * 60_000;
/** Until this age they are used while the provider is asked in the background; then it is asked first. */
export const REVALIDATE_MS = 60 * 60_000;
/** For how long keys are used when the provider cannot be asked. */
export const KEEP_MS = 24 * 60 * 60_000;
/** The provider is asked at most once in this time by an isolate, whatever the reason and outcome. */
export const COOLDOWN_MS = 30_000;
/** The same for an isolate that has no key at all, and so can accept nobody. */
export const COLD_COOLDOWN_MS = 5_000;
const FETCH_TIMEOUT_MS = 3_000;
/** A refresh that has not ended by then died with its request. */
const REFRESH_BUDGET_MS = 5_000;
const POLL_MS = 25;

/** Whether a key is good cannot be said: the provider cannot be asked and the key is not at hand. */
export class KeysUnavailable extends Error {
  override readonly name = "KeysUnavailable";
}

/** What an isolate remembers of one provider. Bounded: one key set. */
export interface KeyCache {
  keys: KeySet | undefined;
  /** When the provider was last asked, and whether that came to nothing. */
  askedAt: number;
  askFailed: boolean;
  /** A refresh is under way, and will have ended by then. */
  busyUntil: number;
}

export function createKeyCache(): KeyCache {
  return {
    keys: undefined,
    askedAt: Number.NEGATIVE_INFINITY,
    askFailed: false,
    busyUntil: Number.NEGATIVE_INFINITY,
  };
}

/** Whether tokens could be verified although the provider is away. */
export function holdsUsableKeys({ keys }: KeyCache, now: () => number = Date.now): boolean {
  return keys !== undefined && now() - keys.fetchedAt < KEEP_MS;
}

/**
 * Resolves the key of a token from the provider's JWKS (RFC 7517), as docs/adr/0007 says. Requests
 * share what was fetched through `cache`, and never a promise: in a Worker, I/O belongs to the
 * request that began it. A request that needs what another one is fetching looks again until it is
 * there.
 * @throws {KeysUnavailable} from the resolver, besides what jose's own resolvers throw
 */
export function createKeyResolver(options: {
  url: string;
  requestId: string;
  cache: KeyCache;
  log: Pick<Logger, "warn">;
  /** Runs work that outlives the answer. */
  background: (work: Promise<unknown>) => void;
  /** What isolates of a data centre share. Without it, each fetches for itself. */
  shared?: SharedKeys;
  fetch?: Get;
  /** Told of every fetch that brought no keys. */
  onFailure?: () => void;
  now?: () => number;
  wait?: (ms: number) => Promise<void>;
}): JWTVerifyGetKey {
  const { url, requestId, cache, log, background, shared, fetch: get } = options;
  const { onFailure = () => {}, now = Date.now, wait = sleep } = options;

  const age = (set: KeySet) => now() - set.fetchedAt;
  const usable = () => (cache.keys && age(cache.keys) < KEEP_MS ? cache.keys : undefined);
  const busy = () => now() < cache.busyUntil;
  const mayAsk = () => {
    const cooldown = usable() ? COOLDOWN_MS : COLD_COOLDOWN_MS;
    return !busy() && now() - cache.askedAt >= cooldown;
  };

  function adopt(set: KeySet): void {
    // A slow answer must not undo a newer one.
    if (set.fetchedAt >= (cache.keys?.fetchedAt ?? Number.NEGATIVE_INFINITY)) cache.keys = set;
  }

  /** The keys to begin with. */
  async function current(): Promise<KeySet> {
    if (usable() === undefined) await refresh();
    const held = usable();
    if (held === undefined) throw new KeysUnavailable();
    if (age(held) >= FRESH_MS && mayAsk()) {
      const work = refresh();
      if (age(held) < REVALIDATE_MS) background(work);
      else await work;
    }
    return usable() ?? held;
  }

  /** Gets newer keys if that is allowed now, or waits for whoever is at it. @param kid the key wanted */
  async function refresh(kid?: string): Promise<void> {
    const before = usable();
    await othersDone();
    const found = usable();
    if (found && (kid === undefined ? found !== before : found.kids.has(kid))) return;
    if (!mayAsk()) return othersDone();

    const until = now() + REFRESH_BUDGET_MS;
    cache.busyUntil = until;
    const work = renew(kid).finally(() => {
      if (cache.busyUntil === until) cache.busyUntil = Number.NEGATIVE_INFINITY;
    });
    // Others wait for it, so it must not end with a caller who hangs up.
    background(work);
    await work;
  }

  async function othersDone(): Promise<void> {
    // Counted, because a clock may stand still.
    for (let waited = 0; busy() && waited < REFRESH_BUDGET_MS; waited += POLL_MS) {
      await wait(POLL_MS);
    }
  }

  /** The shared copy if that is enough, the provider otherwise. Never rejects. */
  async function renew(kid: string | undefined): Promise<void> {
    const before = usable();
    const copy = await shared?.read();
    if (copy !== undefined && age(copy) < KEEP_MS) {
      adopt(copy);
      const enough =
        kid === undefined ? before === undefined || age(copy) < FRESH_MS : copy.kids.has(kid);
      if (enough && cache.keys === copy) return;
    }
    cache.askedAt = now();
    const set = await fetchKeys();
    cache.askFailed = set === undefined;
    if (set === undefined) return;
    adopt(set);
    if (shared) background(shared.write(set));
  }

  async function fetchKeys(): Promise<KeySet | undefined> {
    const asked = await askForKeys({
      url,
      requestId,
      timeoutMs: FETCH_TIMEOUT_MS,
      now,
      ...(get && { get }),
    });
    if (typeof asked !== "string") return asked;
    onFailure();
    log.warn("identity keys not fetched", { reason: asked });
    return undefined;
  }

  return async (header, token) => {
    const keys = await current();
    try {
      return await keys.resolve(header, token);
    } catch (error) {
      if (!isUnknownKey(error)) throw error;
      await refresh(header.kid);
      // Unknown to a provider that answered, the key is no good; otherwise nobody can tell.
      const unknown = cache.askFailed ? new KeysUnavailable() : error;
      const newer = usable();
      if (newer === undefined || newer === keys) throw unknown;
      try {
        return await newer.resolve(header, token);
      } catch (again) {
        throw isUnknownKey(again) ? unknown : again;
      }
    }
  };
}

type Get = (url: string, init: RequestInit) => Promise<Response>;

/** Asks the provider once. @returns the keys, or a word for why there are none of use */
export async function askForKeys(options: {
  url: string;
  requestId: string;
  timeoutMs: number;
  get?: Get;
  now?: () => number;
}): Promise<KeySet | string> {
  // A method of the global object: called on its own, not as a property of the options.
  const { get = (address, init) => fetch(address, init), now = Date.now } = options;
  const askedAt = now();
  try {
    const response = await get(options.url, {
      headers: { accept: "application/json", "x-request-id": options.requestId },
      // The address is the operator's word; where it might redirect to is not.
      redirect: "manual",
      signal: AbortSignal.timeout(options.timeoutMs),
    });
    if (response.status !== 200) {
      await response.body?.cancel();
      return `status_${response.status}`;
    }
    const set = await readKeySet(await readJson(response, MAX_KEY_SET_BYTES), askedAt);
    return set ?? "no_usable_key";
  } catch (error) {
    if (error instanceof BadBody) return error.reason;
    return error instanceof Error && error.name === "TimeoutError" ? "timeout" : "unreachable";
  }
}

function isUnknownKey(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_JWKS_NO_MATCHING_KEY";
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms));
}
