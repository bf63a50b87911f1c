import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { eq } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { inquiries } from "../../src/db/schema.ts";
import type { Spool } from "../../src/intake/spool.ts";
import type { ObservationRoom } from "../../src/rooms/room.ts";
import { enterRoom } from "../../src/rooms/ticket.ts";
import { eventually } from "../support/eventually.ts";
import { as, database, postJson } from "../support/worker/app.ts";
import { anInquiry, bodyOf, codeOf, patchJson } from "../support/worker/desk.ts";
import { aSubmission } from "../support/worker/factories.ts";
import { watchNetwork } from "../support/worker/network.ts";
import { appWith } from "../support/worker/own-app.ts";
import { observe, observerOf } from "../support/worker/sockets.ts";
import {
  aRow,
  databaseAway,
  drain,
  rowsUnder,
  shardHolding,
  undisturbed,
} from "../support/worker/spool.ts";

interface Erasure {
  erased: { inquiries: number; spool: number; events: number };
}
interface Report {
  data: { spool: { receipt: string; setAside: string | null; payload: { message: string } }[] };
}

const report = (email: string) =>
  bodyOf<Report>(postJson("/privacy/report", { email }, as("owner")));
const erase = (email: string) =>
  bodyOf<Erasure>(postJson("/privacy/erase", { email }, as("owner")));

/** For an app of one's own. */
const asking = (email: string) => ({
  method: "POST",
  headers: { "content-type": "application/json", ...as("owner") },
  body: JSON.stringify({ email }),
});

const aWord = () => crypto.randomUUID();
/** Everything an object has on disk in this table, as text. */
function dump(stub: object, table: "rows" | "outbox" | "log"): Promise<string> {
  return runInDurableObject(stub as DurableObjectStub, (_, { storage }) =>
    JSON.stringify(storage.sql.exec(`SELECT * FROM ${table}`).toArray()),
  );
}

/** A shard that reaches Postgres and no room: what it stores stays to be announced. */
async function drainWithoutRooms(shard: DurableObjectStub<Spool>) {
  await runInDurableObject(shard, async (object) => {
    const real = Reflect.get(object, "env") as Env;
    const rooms = { getByName: () => ({ publish: () => Promise.reject(new Error("gone")) }) };
    Reflect.set(object, "env", { ...real, ROOMS: rooms });
    await object.alarm();
    Reflect.set(object, "env", real);
  });
}

describe("what waits in the spool", () => {
  it("is reported and erased, however the address is written, and never stored", async () => {
    const word = aWord();
    const { comesBack } = databaseAway();
    const submission = aSubmission({ email: `Ada@Bücher-${word}.test` });
    const accepted = await postJson("/inquiries/submit", submission);
    const { receipt } = await bodyOf<{ receipt: string }>(accepted, 202);
    const other = await postJson("/inquiries/submit", aSubmission());
    const { receipt: otherReceipt } = await bodyOf<{ receipt: string }>(other, 202);
    const shard = await shardHolding(receipt);
    const otherShard = await shardHolding(otherReceipt);
    for (const each of [shard, otherShard]) await undisturbed(each);
    comesBack();
    const punycode = `ada@${new URL(`http://bücher-${word}.test`).hostname}`;
    expect((await report(punycode)).data.spool).toMatchObject([
      { receipt, setAside: null, payload: { message: submission.message } },
    ]);
    expect((await erase(punycode)).erased).toMatchObject({ spool: 1, inquiries: 0 });
    expect(await dump(shard, "rows")).not.toContain(word);
    await drain(shard);
    await drain(otherShard);
    expect(await rowsUnder(receipt)).toHaveLength(0);
    expect(await rowsUnder(otherReceipt)).toHaveLength(1);
    expect((await report(punycode)).data.spool).toEqual([]);
  });

  it("is erased where it was set aside", async () => {
    const email = `${aWord()}@example.com`;
    const shard = env.SPOOL.getByName("3");
    await shard.accept(aRow({ email, message: "not for a text column: \0" }));
    await runDurableObjectAlarm(shard);
    expect((await report(email)).data.spool).toMatchObject([{ setAside: "sqlstate_22021" }]);
    expect((await erase(email)).erased.spool).toBe(1);
    expect(await dump(shard, "rows")).not.toContain(email);
  });

  it("is erased where it was stored and is still to be announced", async () => {
    const email = `${aWord()}@example.com`;
    const shard = env.SPOOL.getByName("2");
    await undisturbed(shard);
    await shard.accept(aRow({ email }));
    await drainWithoutRooms(shard);
    expect(await dump(shard, "outbox")).toContain(email);
    expect((await erase(email)).erased).toMatchObject({ inquiries: 1 });
    expect(await dump(shard, "outbox")).not.toContain(email);
    await drain(shard);
    expect(await dump(env.ROOMS.getByName("inquiries"), "log")).not.toContain(email);
  });

  it("is erased also when it is on its way to Postgres at that moment", async () => {
    const email = `${aWord()}@example.com`;
    const shard = env.SPOOL.getByName("1");
    await drain(shard);
    const row = aRow({ email });
    await shard.accept(row);
    const way = { sent: false, open: false };
    watchNetwork(async (request) => {
      if (!(await request.clone().text()).includes(row.key)) return undefined;
      way.sent = true;
      // Asked for again and again: a promise of the test's would go on in the test's context.
      while (!way.open) await scheduler.wait(5);
      return undefined;
    });
    const replaying = runDurableObjectAlarm(shard);
    await eventually(() => expect(way.sent).toBe(true));
    let said = false;
    const erased = runInDurableObject(shard, async (object: Spool) => {
      await object.erase(email);
      said = true;
    });
    // Calls are served in their order: this answer comes after the erasure has begun.
    expect(await shard.heldBy(email)).toHaveLength(1);
    expect(said).toBe(false);
    const erasing = erase(email);
    way.open = true;
    await Promise.all([replaying, erased, erasing]);
    expect(await rowsUnder(row.key)).toHaveLength(0);
    const left = await database().select().from(inquiries).where(eq(inquiries.email, email));
    expect(left).toEqual([]);
    await drain(shard);
    expect(await dump(env.ROOMS.getByName("inquiries"), "log")).not.toContain(email);
  });
});

describe("what the rooms have logged", () => {
  const room = () => env.ROOMS.getByName("inquiries");

  it("keeps its place and loses what it said, also where the address was another before", async () => {
    const observer = await observe("inquiries", as("owner"));
    const word = aWord();
    const before = await anInquiry({ email: `typo.${word}@example.com`, name: `Name ${word}` });
    const email = `right.${word}@example.com`;
    await bodyOf(patchJson(`/inquiries/${before.id}`, { email }));
    const other = await anInquiry();
    const ids: number[] = [];
    const seen: string[] = [];
    while (seen.length < 3) {
      for (const event of await observer.nextEvents()) {
        if (![before.id, other.id].includes((event.data as { id: string }).id)) continue;
        ids.push(event.id);
        seen.push(event.type);
      }
    }
    expect((await erase(email)).erased).toMatchObject({ inquiries: 1, events: 2 });
    await eventually(async () => expect(await dump(room(), "log")).toContain("inquiry.erased"));
    expect(await dump(room(), "log")).not.toContain(word);
    const { epoch, head } = observer.hello;
    const from = { since: head, epoch };
    const request = new Request("https://room.test/", { headers: { upgrade: "websocket" } });
    const ticket = { room: "inquiries", view: "full", expiresAt: 4_000_000_000, from } as const;
    const back = await observerOf(await enterRoom(env.ROOMS, request, ticket, "test"));
    expect(back.hello.recovered).toBe(true);
    const replayed = (await back.nextEvents()).filter(({ id }) => ids.includes(id));
    expect(replayed.map(({ id }) => id)).toEqual(ids);
    const about = (id: string) => replayed.filter(({ data }) => (data as { id: string }).id === id);
    expect(about(before.id).map(({ type, data }) => [type, data])).toEqual([
      ["inquiry.erased", { id: before.id }],
      ["inquiry.erased", { id: before.id }],
    ]);
    expect(about(other.id)).toMatchObject([{ type: "inquiry.submitted", data: other }]);
  });

  it("stays erased when an event about it comes late, and when the object was evicted", async () => {
    const email = `${aWord()}@example.com`;
    const { id } = await anInquiry({ email });
    await erase(email);
    await evictDurableObject(room());
    const time = "2026-11-22T09:30:00.000Z";
    await room().publish([{ type: "inquiry.updated", time, data: { id, email } }]);
    expect(await dump(room(), "log")).not.toContain(email);
  });

  it("is erased also when it was stored and announced after the rooms had been asked", async () => {
    const email = `${aWord()}@example.com`;
    let late: Promise<{ id: string }> | undefined;
    const ROOMS = {
      getByName: (name: string) => ({
        erase: async (...erasure: Parameters<ObservationRoom["erase"]>) => {
          const count = await env.ROOMS.getByName(name).erase(...erasure);
          if (name !== "inquiries" || late !== undefined) return count;
          late = anInquiry({ email });
          await late;
          await eventually(async () => expect(await dump(room(), "log")).toContain(email));
          return count;
        },
        publish: (...events: Parameters<ObservationRoom["publish"]>) =>
          env.ROOMS.getByName(name).publish(...events),
      }),
    };
    const answer = await appWith({ ROOMS }).call("/privacy/erase", asking(email));
    expect(await bodyOf<Erasure>(answer)).toMatchObject({ erased: { inquiries: 1 } });
    const { id } = await (late as NonNullable<typeof late>);
    const log = await dump(room(), "log");
    expect(log).toContain(id);
    expect(log).not.toContain(email);
  });

  it("is erased from the copies of relays, of those too that the room has given up", async () => {
    const request = new Request("https://room.test/", { headers: { upgrade: "websocket" } });
    const ticket = {
      room: "inquiries",
      view: "full",
      expiresAt: 4_000_000_000,
      direct: 0,
      region: "afr",
    } as const;
    await observerOf(await enterRoom(env.ROOMS, request, ticket, "test"));
    const relay = env.ROOMS.getByName(`${room().id.toString()}/afr/1`);
    const email = `${aWord()}@example.com`;
    await anInquiry({ email });
    await eventually(async () => expect(await dump(relay, "log")).toContain(email));
    await runInDurableObject(room(), (_, { storage }) => {
      storage.sql.exec("DELETE FROM relays");
    });
    await evictDurableObject(room());
    await erase(email);
    expect(await dump(relay, "log")).not.toContain(email);
  });
});

describe("a place that cannot be reached", () => {
  /** A namespace of which one object does not answer. */
  function without(binding: "SPOOL" | "ROOMS", away: string) {
    const real = env[binding];
    return {
      [binding]: {
        getByName(name: string) {
          if (name === away) throw new Error("away");
          return real.getByName(name);
        },
      },
    };
  }

  it.each([
    ["a shard of the spool", without("SPOOL", "2")],
    ["a room", without("ROOMS", "inquiries")],
  ])("(%s) makes an erasure fail, which can be repeated", async (_what, changes) => {
    const email = `${aWord()}@example.com`;
    const { id } = await anInquiry({ email });
    const answer = await appWith(changes).call("/privacy/erase", asking(email));
    expect(answer.headers.get("retry-after")).not.toBeNull();
    expect(await codeOf(answer, 503)).toBe("holder_unavailable");
    expect((await erase(email)).erased.inquiries).toBe(1);
    const log = await dump(env.ROOMS.getByName("inquiries"), "log");
    expect(log).toContain(id);
    expect(log).not.toContain(email);
  });

  it("makes a report fail rather than leave something out", async () => {
    const init = asking(`${aWord()}@example.com`);
    const answer = await appWith(without("SPOOL", "0")).call("/privacy/report", init);
    expect(await codeOf(answer, 503)).toBe("holder_unavailable");
  });
});
