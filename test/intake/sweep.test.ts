import {
  createExecutionContext,
  createScheduledController,
  evictDurableObject,
  waitOnExecutionContext,
} from "cloudflare:test";
import { env } from "cloudflare:workers";
import { sql } from "drizzle-orm";
import { beforeAll, describe, expect, it, vi } from "vitest";
import worker from "../../src/index.ts";
import { arrivals } from "../../src/inquiries/arrivals.ts";
import { ANNOUNCED } from "../../src/intake/announced.ts";
import { eventually } from "../support/eventually.ts";
import { as, database, postJson } from "../support/worker/app.ts";
import { anInquiry, bodyOf, patchJson, send } from "../support/worker/desk.ts";
import { aSubmission } from "../support/worker/factories.ts";
import { watchNetwork } from "../support/worker/network.ts";
import { appWith } from "../support/worker/own-app.ts";
import { observe } from "../support/worker/sockets.ts";
import { databaseAway, eventsIn } from "../support/worker/spool.ts";
import { aSubscription, subscriberOf, tokenOf } from "../support/worker/subscribers.ts";

const isSql = ({ url }: Request) => url === env.DATABASE_HTTP_ENDPOINT;

/** What Cloudflare does every minute. */
async function everyMinute(changes: object = {}): Promise<void> {
  const ctx = createExecutionContext();
  await worker.scheduled(createScheduledController(), { ...env, ...changes } as Env, ctx);
  await waitOnExecutionContext(ctx);
}

/** Rooms that cannot be reached: what is published is lost, as if the isolate had died. */
const NO_ROOMS = {
  ROOMS: {
    getByName: () => {
      throw new Error("no room");
    },
  },
};

/** Stored and answered with 201, and then the announcement was lost. @returns its id */
async function unannounced(changes: Record<string, unknown> = {}): Promise<string> {
  const app = appWith(NO_ROOMS);
  const answer = await app.call("/inquiries/submit", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(aSubmission(changes)),
  });
  expect(answer.status).toBe(201);
  await app.settled();
  return (await answer.json<{ id: string }>()).id;
}

/** As if it had been stored so long ago: the time is in the id. @returns the id it then has */
async function agedBy(seconds: number, id: string): Promise<string> {
  const { rows } = await database().execute(
    sql`UPDATE inquiries SET id = id - (${seconds * 1000}::bigint << 22) WHERE id = ${id}
      RETURNING id::text AS id`,
  );
  return String(rows[0]?.["id"]);
}

async function typesAbout(id: string, room = "inquiries"): Promise<string[]> {
  const events = await eventsIn(room);
  return events.filter(({ data }) => data.id === id).map(({ type }) => type);
}

// What other files stored is not this room's; afterwards only what a test adds is new to it.
beforeAll(async () => {
  let before = -1;
  let after = 0;
  while (after > before) {
    before = after;
    await everyMinute();
    const heads = ["inquiries", "subscribers"].map((room) => env.ROOMS.getByName(room).status());
    after = (await Promise.all(heads)).reduce((sum, { head }) => sum + head, 0);
  }
}, 60_000);

describe("an inquiry whose announcement was lost", () => {
  it("is heard of within the next minute, once however often that is looked for", async () => {
    const observer = await observe("inquiries", as("owner"));
    const id = await agedBy(30, await unannounced());
    await everyMinute();
    await everyMinute();
    await evictDurableObject(env.ROOMS.getByName("inquiries"));
    await everyMinute();
    const heard: unknown[] = [];
    while (!heard.includes(id)) {
      const events = await observer.nextEvents();
      observer.ack(events.at(-1)?.id ?? 0);
      heard.push(...events.map(({ data }) => (data as { id: string }).id));
    }
    expect(await typesAbout(id)).toEqual(["inquiry.submitted"]);
    expect(observer.unread().filter((frame) => frame.includes(id))).toEqual([]);
  });

  it("was entered at the desk: the same", async () => {
    const app = appWith(NO_ROOMS);
    const entered = await app.call("/inquiries", {
      method: "POST",
      headers: { "content-type": "application/json", ...as("employee") },
      body: JSON.stringify(aSubmission()),
    });
    await app.settled();
    const { id } = await entered.json<{ id: string }>();
    // Its trail would not let it change its id.
    await database().execute(sql`DELETE FROM inquiry_activity WHERE inquiry_id = ${id}`);
    const moved = await agedBy(30, id);
    await everyMinute();
    expect(await typesAbout(moved)).toEqual(["inquiry.submitted"]);
  });

  it("is told as it is by then", async () => {
    const id = await agedBy(30, await unannounced());
    await bodyOf(patchJson(`/inquiries/${id}`, { status: "IN_PROGRESS" }));
    await everyMinute();
    const events = (await eventsIn("inquiries")).filter(({ data }) => data.id === id);
    expect(events.map(({ type }) => type).toSorted()).toEqual([
      "inquiry.submitted",
      "inquiry.updated",
    ]);
    const arrival = events.find(({ type }) => type === "inquiry.submitted");
    expect(arrival?.data).toMatchObject({ status: "IN_PROGRESS", version: 2 });
  });

  it.each([
    ["five seconds old: its own attempts are not over", 5, {}, async () => {}],
    ["eleven minutes old", 660, {}, async () => {}],
    ["spam", 30, { _gotcha: "x" }, async () => {}],
    ["in the bin", 30, {}, (id: string) => send("DELETE", `/inquiries/${id}`)],
    [
      "erased",
      30,
      { email: "erased@sweep.test" },
      () => postJson("/privacy/erase", { email: "erased@sweep.test" }, as("owner")),
    ],
  ])("is not announced when it is %s", async (_what, age, changes, meanwhile) => {
    const id = await agedBy(age, await unannounced(changes));
    await meanwhile(id);
    await everyMinute();
    expect(await typesAbout(id)).not.toContain("inquiry.submitted");
  });
});

describe("an inquiry that was announced", () => {
  it("is not announced again, whoever announced it and however it has changed", async () => {
    const { id } = await anInquiry();
    await patchJson(`/inquiries/${id}`, { status: "CANCELLED" });
    await patchJson(`/inquiries/${id}`, { status: "NEW" });
    await eventually(async () => expect(await typesAbout(id)).toHaveLength(3));
    const room = env.ROOMS.getByName("inquiries");
    expect(await room.unlogged([`inquiry.submitted:${id}`, "inquiry.submitted:0"])).toEqual([
      "inquiry.submitted:0",
    ]);
  });

  it("by an announcement that arrives while it is looked for, is heard of once", async () => {
    const id = await agedBy(30, await unannounced());
    const [announcement] = await arrivals.announcements(database(), [id]);
    const room = env.ROOMS.getByName("inquiries");
    const late = announcement === undefined ? [] : [announcement.event];
    await Promise.all([everyMinute(), room.publish(late), room.publish(late)]);
    expect(await typesAbout(id)).toEqual(["inquiry.submitted"]);
  });
});

describe("a subscriber whose announcement was lost", () => {
  const lost = appWith(NO_ROOMS);
  const post = async (path: string, body: object) => {
    const answer = await lost.call(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    expect(answer.ok).toBe(true);
    await lost.settled();
  };
  /** As if all that happened to it had happened half a minute before. */
  const halfAMinuteLater = (id: string) =>
    database().execute(
      sql`UPDATE subscriber_activity SET id = id - (30000::bigint << 22) WHERE subscriber_id = ${id}`,
    );

  it("is heard of as having joined, and then as having left, each once", async () => {
    const subscription = aSubscription();
    await post("/subscribers/subscribe", subscription);
    const { id } = await subscriberOf(subscription.email);
    await halfAMinuteLater(id);
    await everyMinute();
    await everyMinute();
    expect(await typesAbout(id, "subscribers")).toEqual(["subscriber.subscribed"]);
    await post("/subscribers/unsubscribe", { token: await tokenOf(subscription.email) });
    await halfAMinuteLater(id);
    await everyMinute();
    await everyMinute();
    expect(await typesAbout(id, "subscribers")).toEqual([
      "subscriber.subscribed",
      "subscriber.unsubscribed",
    ]);
  });

  it("is not said to have joined once it has left", async () => {
    const subscription = aSubscription();
    await post("/subscribers/subscribe", subscription);
    await post("/subscribers/unsubscribe", { token: await tokenOf(subscription.email) });
    const { id } = await subscriberOf(subscription.email);
    await halfAMinuteLater(id);
    await everyMinute();
    expect(await typesAbout(id, "subscribers")).toEqual(["subscriber.unsubscribed"]);
  });
});

describe("what is done every minute", () => {
  it("is one query a kind, and one call where something is recent, when nothing was lost", async () => {
    await agedBy(30, await unannounced());
    await everyMinute();
    const asked: string[] = [];
    const ROOMS = {
      getByName: (room: string) => {
        asked.push(room);
        return env.ROOMS.getByName(room);
      },
    };
    const calls = watchNetwork();
    // What other tests have stored may only now be old enough to be looked for.
    await eventually(async () => {
      calls.length = 0;
      asked.length = 0;
      await everyMinute({ ROOMS });
      expect(calls.map(isSql)).toEqual(ANNOUNCED.map(() => true));
    });
    expect(asked).toEqual([...new Set(asked)]);
    expect(asked).toContain("inquiries");
  });

  it.each([
    ["the database is away", () => void databaseAway(), {}],
    ["the room is away", () => {}, NO_ROOMS],
    ["the configuration is broken", () => {}, { SIGNING_KEY: "short" }],
  ])("ends in a line of the log when %s", async (_what, happen, changes) => {
    await agedBy(30, await unannounced());
    happen();
    const lines = vi.spyOn(console, "log");
    await everyMinute(changes);
    const levels = lines.mock.calls.map(([line]) => JSON.parse(String(line)).level);
    expect(levels.some((level) => level === "warn" || level === "error")).toBe(true);
    lines.mockRestore();
  });
});
