import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { SHARD_NAMES } from "../../../src/intake/shards.ts";
import { type NewRow, SpoolStore } from "../../../src/intake/spool-store.ts";

/** Where nobody listens: a connection is refused at once. */
export const NOWHERE = "http://127.0.0.1:9/sql";

/** A spool object that no other test uses. */
export function aSpool() {
  return env.SPOOL.getByName(crypto.randomUUID());
}

/** Looks into an object's store. */
export function inStore<T>(
  stub: DurableObjectStub<import("../../../src/intake/spool.ts").Spool>,
  look: (store: SpoolStore) => T,
): Promise<T> {
  return runInDurableObject(stub, (_, state) => look(new SpoolStore(state.storage)));
}

/** The shard that holds a key, if one does. */
export async function shardHolding(key: string) {
  for (const name of SHARD_NAMES) {
    const stub = env.SPOOL.getByName(name);
    const held = await runInDurableObject(
      stub,
      (_, state) =>
        state.storage.sql.exec("SELECT 1 FROM rows WHERE key = ?", key).toArray().length > 0,
    );
    if (held) return stub;
  }
  return undefined;
}

/** A submission as the Worker hands it to the spool. */
export function aRow(changes: Record<string, unknown> = {}, row: Partial<NewRow> = {}): NewRow {
  const key = crypto.randomUUID();
  const payload = {
    status: "NEW",
    name: "Ada Byron",
    email: "ada@example.com",
    message: `Do you deliver? (${key})`,
    spamReasons: [],
    contentHash: key,
    submissionKey: key,
    nearBorder: false,
    submittedAt: new Date().toISOString(),
    ...changes,
  };
  return {
    key,
    fingerprint: key,
    at: Date.now(),
    command: "inquiry.submit",
    version: 1,
    payload: JSON.stringify(payload),
    ...row,
  };
}
