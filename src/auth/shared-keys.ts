import { type Logger, nameOf } from "../telemetry/logger.ts";
import { within } from "../within.ts";
import {
  isRecord,
  type KeySet,
  MAX_KEY_SET_BYTES,
  readJson,
  readKeySet,
  type SharedKeys,
} from "./key-set.ts";
import type { Signer } from "./signing.ts";

/** How long the copy is kept, in seconds: as long as a key may be used without its provider. */
const KEEP_SECONDS = 24 * 60 * 60;
const READ_TIMEOUT_MS = 500;
const PURPOSE = "shared-keys";

/** The part of the Cache API that is used. */
export interface HttpCache {
  match(address: string): Promise<Response | undefined>;
  put(address: string, response: Response): Promise<void>;
}

/**
 * The shared copy, in the Cache API. That cache is local to a data centre, may forget at any time,
 * and is nobody's to trust: the copy is signed with the service's own key, for one JWKS address, so
 * that what somebody else put there is no key set at all.
 * @param options.address absolute URL to keep it under (the Cache API takes no other)
 * @param options.source the JWKS address the keys are of
 */
export function createSharedKeys(options: {
  open: () => Promise<HttpCache>;
  address: string;
  source: string;
  signer: Signer;
  log: Pick<Logger, "warn">;
  now?: () => number;
}): SharedKeys {
  const { open, address, source, signer, log, now = Date.now } = options;

  async function readCopy(): Promise<KeySet | undefined> {
    const kept = await (await open()).match(address);
    if (kept === undefined) return undefined;
    const copy = await readJson(kept, 2 * MAX_KEY_SET_BYTES);
    const { content, signature } = isRecord(copy) ? copy : {};
    if (typeof content !== "string" || typeof signature !== "string") return refuse("malformed");
    if (!(await signer.verify(PURPOSE, `${source}\n${content}`, signature))) {
      return refuse("bad_signature");
    }
    const { fetchedAt, keys } = JSON.parse(content) as { fetchedAt: number; keys: unknown };
    // Another machine's clock may be ahead; keys from the future would keep newer ones out.
    return readKeySet({ keys }, Math.min(fetchedAt, now()));
  }

  function refuse(reason: string): undefined {
    log.warn("shared keys refused", { reason });
  }

  return {
    async read() {
      try {
        return await within(READ_TIMEOUT_MS, readCopy());
      } catch (error) {
        return refuse(nameOf(error));
      }
    },
    async write(set) {
      try {
        const content = JSON.stringify({ fetchedAt: set.fetchedAt, keys: set.keys });
        const signature = await signer.sign(PURPOSE, `${source}\n${content}`);
        const headers = { "cache-control": `max-age=${KEEP_SECONDS}` };
        const cache = await open();
        await cache.put(address, Response.json({ content, signature }, { headers }));
      } catch (error) {
        log.warn("keys not shared", { reason: nameOf(error) });
      }
    },
  };
}
