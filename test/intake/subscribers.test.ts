import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { emailKey } from "../../src/db/email-key.ts";
import type { Command } from "../../src/intake/command.ts";
import { execute } from "../../src/intake/execute.ts";
import { SHARD_NAMES } from "../../src/intake/shards.ts";
import { type SubscriptionPayload, subscription } from "../../src/subscribers/subscription.ts";
import { unsubscription } from "../../src/subscribers/unsubscription.ts";
import { as, call, database } from "../support/worker/app.ts";
import { watchNetwork } from "../support/worker/network.ts";
import { appWith } from "../support/worker/own-app.ts";
import { aSpool, databaseAway, drain, eventsIn } from "../support/worker/spool.ts";
import {
  anActiveSubscriber,
  aSubscription,
  subscriberOf,
  subscribersOf,
  subscribeTo,
  tokenOf,
  trailOf,
} from "../support/worker/subscribers.ts";

const T0 = Date.parse("2026-11-22T09:00:00.000Z");
/** So many minutes past nine. */
const at = (minutes: number) => new Date(T0 + minutes * 60_000).toISOString();

function joining(email: string, minutes: number, changes: Partial<SubscriptionPayload> = {}) {
  const payload: SubscriptionPayload = {
    email,
    emailKey: emailKey(email),
    consent: { at: at(minutes) },
    spamReasons: [],
    contentHash: "hash",
    subscribedAt: at(minutes),
    ...changes,
  };
  return run(subscription, payload);
}

const leaving = async (unsubscribeToken: string, minutes: number) =>
  run(unsubscription, { unsubscribeToken, key: "key", unsubscribedAt: at(minutes) });

/** What it came to, and what is announced of it. */
async function run<P, R>(command: Command<P, R>, payload: P) {
  const outcome = await execute({ db: database(), nodeId: 10 }, command, payload);
  if (outcome.kind !== "stored") return { outcome: outcome.kind, keys: [] };
  return { outcome: outcome.result, keys: outcome.announcements.map(({ event }) => event.key) };
}

const tokenNumberOf = async (email: string) => (await subscriberOf(email)).unsubscribeToken;

describe("a sign-up that is stored late", () => {
  it("does not bring back somebody who has left since it was sent", async () => {
    const { email } = aSubscription();
    await joining(email, 0);
    await leaving(await tokenNumberOf(email), 10);
    expect(await joining(email, 5)).toEqual({ outcome: { replayed: false }, keys: [] });
    expect(await subscriberOf(email)).toMatchObject({ status: "UNSUBSCRIBED", version: 2 });
    expect((await joining(email, 11)).keys).toHaveLength(1);
    expect(await subscriberOf(email)).toMatchObject({ status: "ACTIVE", version: 3 });
  });

  it("is stored once and announced under one key, however often it is done", async () => {
    const { email } = aSubscription();
    const first = await joining(email, 0, { submissionKey: email });
    const before = await subscriberOf(email);
    expect(await joining(email, 0, { submissionKey: email })).toEqual(first);
    expect(first.keys).toEqual([`subscriber.subscribed:${before.id}:${at(0)}`]);
    expect(first.outcome).toEqual({ replayed: false });
    expect(await subscriberOf(email)).toEqual(before);
    expect(await trailOf(email)).toEqual(["join"]);
  });

  it("finds a key that another address has used since, and says so", async () => {
    const [one, other] = [aSubscription().email, aSubscription().email];
    await joining(one, 0, { submissionKey: one });
    expect((await joining(other, 0, { submissionKey: one })).outcome).toBe("conflict");
    expect(await subscribersOf(other)).toEqual([]);
  });
});

describe("a key that PostgreSQL says is taken", () => {
  /** What it says when two equal sign-ups race, as often as it is asked to. */
  function saysTaken(times: number) {
    let said = 0;
    const constraint = "subscribers_submission_key_unique";
    watchNetwork(({ url }) => {
      if (new URL(url).pathname !== "/sql" || said >= times) return undefined;
      said += 1;
      return Response.json({ message: "", code: "23505", constraint }, { status: 400 });
    });
  }

  it("is asked for once more, and not believed when it is free by then", async () => {
    const { email } = aSubscription();
    saysTaken(1);
    expect((await joining(email, 0, { submissionKey: email })).outcome).toEqual({
      replayed: false,
    });
  });

  it("is believed the second time", async () => {
    saysTaken(2);
    const { email } = aSubscription();
    expect((await joining(email, 0, { submissionKey: email })).outcome).toBe("conflict");
  });
});

describe("leaving late", () => {
  it("is announced under one key, however often it is done, and by the first click alone", async () => {
    const { email } = aSubscription();
    await joining(email, 0);
    const [token, { id }] = [await tokenNumberOf(email), await subscriberOf(email)];
    const first = await leaving(token, 1);
    expect(first.keys).toEqual([`subscriber.unsubscribed:${id}:${at(1)}`]);
    expect(await leaving(token, 1)).toEqual(first);
    expect((await leaving(token, 2)).keys).toEqual([]);
    expect((await subscriberOf(email)).unsubscribedAt?.toISOString()).toBe(at(1));
    expect(await trailOf(email)).toEqual(["join", "leave"]);
  });

  it("by a token that stands for nothing changes nothing and is no failure", async () => {
    expect(await leaving("5", 0)).toEqual({ outcome: { known: false }, keys: [] });
  });

  it("is not taken for done when the answer is none", async () => {
    watchNetwork(({ url }) =>
      new URL(url).pathname === "/sql" ? Response.json({ fields: [], rows: [] }) : undefined,
    );
    expect((await leaving("5", 0)).outcome).toBe("failed");
  });
});

/** Everything that waits, in the shards that the Worker uses. */
async function waitingTexts(): Promise<string[]> {
  const rows = await Promise.all(
    SHARD_NAMES.map((name) =>
      runInDurableObject(env.SPOOL.getByName(name), (_, state) =>
        state.storage.sql.exec("SELECT command, key, payload FROM rows").toArray(),
      ),
    ),
  );
  return rows.flat().map((row) => JSON.stringify(row));
}

/** Each test has an isolate of its own, whose breaker nobody else has opened. */
const leaveBy = (app: ReturnType<typeof appWith>, token: string) =>
  app.call("/subscribers/unsubscribe", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token }),
  });

const drainAll = () => Promise.all(SHARD_NAMES.map((name) => drain(env.SPOOL.getByName(name))));

describe("while the database is away", () => {
  it("joining, leaving and joining again are accepted, and stored in their order", async () => {
    const [leaver, returner] = [await anActiveSubscriber(), await anActiveSubscriber()];
    const { email: fresh } = aSubscription();
    const [leaverToken, returnerToken] = [await tokenOf(leaver), await tokenOf(returner)];
    const app = appWith();
    const { comesBack } = databaseAway();
    for (let click = 0; click < 2; click += 1) {
      const answer = await leaveBy(app, leaverToken);
      expect([answer.status, await answer.json()]).toEqual([202, { status: "QUEUED" }]);
    }
    const joined = await subscribeTo(app, { email: fresh });
    expect([joined.status, await joined.json()]).toEqual([202, { status: "ACCEPTED" }]);
    const page = await app.call(`/subscribers/unsubscribe?token=${returnerToken}`, {
      method: "POST",
      headers: { accept: "text/html" },
      body: new URLSearchParams({ "List-Unsubscribe": "One-Click" }),
    });
    expect([page.status, page.headers.get("content-type")]).toEqual([
      202,
      "text/html; charset=utf-8",
    ]);
    await subscribeTo(app, { email: returner });
    for (const token of [leaverToken, returnerToken]) {
      const [, signature = ""] = token.split(".");
      expect((await waitingTexts()).filter((text) => text.includes(signature))).toEqual([]);
    }
    comesBack();
    await drainAll();
    expect(await waitingTexts()).toEqual([]);
    expect(await subscriberOf(fresh)).toMatchObject({ status: "ACTIVE" });
    expect(await subscriberOf(leaver)).toMatchObject({ status: "UNSUBSCRIBED", version: 2 });
    expect(await trailOf(returner)).toEqual(["join", "leave", "join"]);
    const { id } = await subscriberOf(returner);
    const events = (await eventsIn("subscribers")).filter((event) => event.data.id === id);
    expect(events.map(({ type }) => type).slice(-2)).toEqual([
      "subscriber.unsubscribed",
      "subscriber.subscribed",
    ]);
  });

  it("a repetition under a key is known, and other content refused", async () => {
    const [body, key] = [aSubscription(), { "idempotency-key": crypto.randomUUID() }];
    const app = appWith();
    const { comesBack } = databaseAway();
    const seen: unknown[] = [];
    for (const each of [body, body, { ...body, name: "Other" }]) {
      const answer = await subscribeTo(app, each, key);
      seen.push([answer.status, answer.headers.get("idempotency-replayed")]);
    }
    comesBack();
    await drainAll();
    expect(seen).toEqual([
      [202, null],
      [202, "true"],
      [422, null],
    ]);
    expect(await trailOf(body.email)).toEqual(["join"]);
  });

  it("a link that a sign-up has replaced by then does nothing, and is not set aside", async () => {
    const email = await anActiveSubscriber();
    const old = await tokenOf(email);
    const app = appWith();
    await leaveBy(app, old);
    await subscribeTo(app, { email });
    const { comesBack } = databaseAway();
    expect((await leaveBy(app, old)).status).toBe(202);
    comesBack();
    await drainAll();
    expect(await subscriberOf(email)).toMatchObject({ status: "ACTIVE" });
    expect(await waitingTexts()).toEqual([]);
  });
});

it("nobody is shown the token of a write that was set aside", async () => {
  const unsubscribeToken = await tokenNumberOf(await anActiveSubscriber());
  const shard = env.SPOOL.getByName("1");
  const key = crypto.randomUUID();
  await shard.accept({
    key,
    fingerprint: key,
    at: Date.now(),
    command: "subscriber.unsubscribe",
    version: 1,
    payload: JSON.stringify({ unsubscribeToken, key, unsubscribedAt: 5 }),
  });
  await drain(shard);
  const answer = await call("/spool/set-aside?limit=200", { headers: as("owner") });
  const { data } = await answer.json<{ data: { receipt: string; payload: unknown }[] }>();
  expect(data.find(({ receipt }) => receipt === key)?.payload).toEqual({ key, unsubscribedAt: 5 });
});

it("a spool that has both replays them in the order in which they came", async () => {
  const email = await anActiveSubscriber();
  const spool = aSpool();
  const rows = [
    [unsubscription, { unsubscribeToken: await tokenNumberOf(email), key: "k" }, "unsubscribedAt"],
    [subscription, { email, emailKey: email, spamReasons: [], contentHash: "h" }, "subscribedAt"],
  ] as const;
  for (const [index, [command, payload, time]] of rows.entries()) {
    const sentAt = new Date(Date.now() + index).toISOString();
    await spool.accept({
      key: crypto.randomUUID(),
      fingerprint: "f",
      at: Date.now(),
      command: command.name,
      version: 1,
      payload: JSON.stringify({ ...payload, consent: { at: sentAt }, [time]: sentAt }),
    });
  }
  await drain(spool);
  expect(await trailOf(email)).toEqual(["join", "leave", "join"]);
});
