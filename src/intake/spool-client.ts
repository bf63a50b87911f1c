import type { Caller } from "../telemetry/logger.ts";
import { within } from "../within.ts";
import { SHARD_NAMES, shardOf } from "./shards.ts";
import type { Spool } from "./spool.ts";
import type { AcceptVerdict, HeldRow, NewRow, SetAsideRow, SpoolStats } from "./spool-store.ts";

/** A visitor waits for this; a spool that takes longer counts as unreachable. */
const ACCEPT_TIMEOUT_MS = 2_000;

export type QueuedWrite = Omit<NewRow, "payload"> & {
  readonly payload: unknown;
  readonly order: string;
};

/** A set-aside row's address: which shard, and its number there. */
export interface SetAsideId {
  readonly shard: string;
  readonly number: number;
}

/** The spool as the Worker sees it: all of its shards as one. */
export interface SpoolClient {
  /** Resolves once the write is on disk. @throws when that could not be found out in time */
  accept(write: QueuedWrite): Promise<AcceptVerdict>;
  /** Sums over all shards. @throws when one cannot be reached or cannot write */
  stats(): Promise<SpoolStats>;
  /** Says that the database is back. Best effort: the shards find out by themselves as well. */
  wake(): Promise<void>;
  /** Set-aside rows of all shards, oldest first. @param limit rows at most */
  setAside(limit: number): Promise<(SetAsideRow & SetAsideId)[]>;
  findSetAside(id: SetAsideId): Promise<(SetAsideRow & SetAsideId) | undefined>;
  /** Puts a set-aside row back in line. @returns whether there was one */
  retry(id: SetAsideId): Promise<boolean>;
  /** Forgets a set-aside row for good. @returns whether there was one */
  discard(id: SetAsideId): Promise<boolean>;
  /** Rows of an address, oldest first. @param key of `db/email-key.ts` @throws when a shard is away */
  heldBy(key: string): Promise<HeldRow[]>;
  /** Forgets them for good. @returns how many there were @throws when a shard is away */
  erase(key: string): Promise<number>;
}

export function createSpoolClient(
  spools: DurableObjectNamespace<Spool>,
  from: Caller,
): SpoolClient {
  const all = <T>(call: (name: string) => Promise<T>) => Promise.all(SHARD_NAMES.map(call));

  return {
    async accept({ order, payload, ...row }) {
      const whole = { ...row, payload: JSON.stringify(payload) };
      const call = async () => spools.getByName(shardOf(order)).accept(whole, from);
      // Accepting the same write twice is accepting it once, and a stub that has thrown may stay
      // broken: a new one gets a second chance, as when the object has just been moved.
      return within(ACCEPT_TIMEOUT_MS, call().catch(call));
    },
    async stats() {
      const shards = await all(async (name) => spools.getByName(name).stats(from));
      const oldest = shards.map((each) => each.oldestAcceptedAt).filter((each) => each !== null);
      return {
        depth: sum(shards.map((each) => each.depth)),
        oldestAcceptedAt: oldest.length === 0 ? null : Math.min(...oldest),
        setAside: sum(shards.map((each) => each.setAside)),
      };
    },
    async wake() {
      await all(async (name) =>
        spools
          .getByName(name)
          .wake(from)
          .catch(() => undefined),
      );
    },
    async setAside(limit) {
      const shards = await all(async (shard) => {
        const rows = await spools.getByName(shard).setAside(limit, from);
        return rows.map((row) => ({ ...row, shard }));
      });
      return shards
        .flat()
        .sort((a, b) => a.setAsideAt - b.setAsideAt)
        .slice(0, limit);
    },
    async findSetAside({ shard, number }) {
      const row = await spools.getByName(shard).findSetAside(number, from);
      return row && { ...row, shard };
    },
    async retry({ shard, number }) {
      return spools.getByName(shard).retry(number, from);
    },
    async discard({ shard, number }) {
      return spools.getByName(shard).discard(number, from);
    },
    async heldBy(key) {
      const shards = await all(async (name) => spools.getByName(name).heldBy(key, from));
      return shards.flat().sort((a, b) => a.acceptedAt - b.acceptedAt);
    },
    async erase(key) {
      return sum(await all(async (name) => spools.getByName(name).erase(key, from)));
    },
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
