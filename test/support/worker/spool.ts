import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { eq } from "drizzle-orm";
import { inquiries } from "../../../src/db/schema.ts";
import { SHARD_NAMES } from "../../../src/intake/shards.ts";
import type { Spool } from "../../../src/intake/spool.ts";
import type { NewRow } from "../../../src/intake/spool-store.ts";
import { as, call, database } from "./app.ts";
import { watchNetwork } from "./network.ts";

type SpoolStub = DurableObjectStub<Spool>;

/** A spool object that no other test uses. */
export function aSpool(): SpoolStub {
  return env.SPOOL.getByName(crypto.randomUUID());
}

/** The shard that holds a key; the test fails when none does. */
export async function shardHolding(key: string): Promise<SpoolStub> {
  for (const name of SHARD_NAMES) {
    const stub = env.SPOOL.getByName(name);
    const rows = await runInDurableObject(stub, (_, state) =>
      state.storage.sql.exec("SELECT 1 FROM rows WHERE key = ?", key).toArray(),
    );
    if (rows.length > 0) return stub;
  }
  throw new Error("no shard holds this key");
}

/** A submission as the Worker hands it to the spool, under a key of its own. */
export function aRow(payload: Record<string, unknown> = {}, row: Partial<NewRow> = {}): NewRow {
  const key = crypto.randomUUID();
  const whole = {
    status: "NEW",
    name: "Ada Byron",
    email: "ada@example.com",
    message: `Do you deliver? (${key})`,
    spamReasons: [],
    contentHash: key,
    submissionKey: key,
    nearBorder: false,
    submittedAt: new Date().toISOString(),
    ...payload,
  };
  return {
    key,
    fingerprint: key,
    at: Date.now(),
    command: "inquiry.submit",
    version: 1,
    payload: JSON.stringify(whole),
    ...row,
  };
}

/** Has its alarm go off when a test runs it, and not by itself where the machine is slow. */
export async function undisturbed(stub: SpoolStub): Promise<void> {
  await runInDurableObject(stub, (_, { storage }) => storage.setAlarm(Date.now() + 3_600_000));
}

/** Runs its alarm until it sets no other. */
export async function drain(stub: SpoolStub): Promise<void> {
  while (await runDurableObjectAlarm(stub));
}

/** Makes the database unreachable, for Worker and spool alike, until `comesBack` is called. */
export function databaseAway() {
  let away = true;
  const calls = watchNetwork((request) => {
    const isSql = new URL(request.url).pathname === "/sql";
    if (away && isSql) throw new TypeError("Network connection lost.");
    return undefined;
  });
  return {
    calls,
    comesBack: () => {
      away = false;
    },
  };
}

export function rowsUnder(submissionKey: string) {
  return database().select().from(inquiries).where(eq(inquiries.submissionKey, submissionKey));
}

/** Events in a room's log, oldest first. */
export async function eventsIn(room: string): Promise<{ type: string; data: { id?: string } }[]> {
  return runInDurableObject(env.ROOMS.getByName(room), (_, state) =>
    state.storage.sql
      .exec<{ type: string; data: string }>("SELECT type, data FROM log ORDER BY id")
      .toArray()
      .map(({ type, data }) => ({ type, data: JSON.parse(data) })),
  );
}

/** A write that Postgres refuses for good, as the desk is shown it. */
export async function aSetAsideWrite(): Promise<{ id: string; reason: string }> {
  const shard = env.SPOOL.getByName("1");
  const row = aRow({ message: "not for a text column: \0" });
  await shard.accept(row);
  await runDurableObjectAlarm(shard);
  const answer = await call("/spool/set-aside?limit=200", { headers: as("owner") });
  const { data } = await answer.json<{ data: { id: string; receipt: string; reason: string }[] }>();
  const found = data.find((each) => each.receipt === row.key);
  if (found === undefined) throw new Error("the write was not set aside");
  return found;
}
