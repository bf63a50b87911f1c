import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { ObservationRoom } from "../../src/rooms/room.ts";
import { enterRoom, type ObserverTicket } from "../../src/rooms/ticket.ts";
import { observerOf } from "../support/worker/sockets.ts";

const anEvent = () => ({ type: "test.happened", time: "2026-11-22T09:30:00.000Z", data: {} });
const many = (count: number) => Array.from({ length: count }, anEvent);
const idsFrom = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i);

/** A room of its own whose object takes one observer, and each relay two. */
function aSpreadRoom() {
  const name = crypto.randomUUID();
  const room = env.ROOMS.getByName(name);
  return {
    room,
    relay: (number: number, region = "any") =>
      env.ROOMS.getByName(`${room.id.toString()}/${region}/${number}`),
    async observe(ticket: Partial<ObserverTicket> = {}) {
      const request = new Request("https://room.test/", { headers: { upgrade: "websocket" } });
      const whole: ObserverTicket = {
        room: name,
        view: "full",
        expiresAt: 4_000_000_000,
        direct: 1,
        perRelay: 2,
        ...ticket,
      };
      return observerOf(await enterRoom(env.ROOMS, request, whole, "test"));
    },
  };
}

/** As if this object could not be reached by what others ask of it: a room's relays, or a relay's room. */
function unreachable(object: DurableObjectStub, asked: "accept" | "follow") {
  const answer = ObservationRoom.prototype[asked] as (...asked: unknown[]) => unknown;
  const state = { calls: 0, end: () => spy.mockRestore() };
  const spy = vi.spyOn(ObservationRoom.prototype, asked).mockImplementation(function (
    this: { ctx?: DurableObjectState },
    ...args: unknown[]
  ) {
    // Rooms of other tests may still be at work.
    if (!this.ctx?.id.equals(object.id)) return answer.apply(this, args) as never;
    state.calls += 1;
    throw new Error("unreachable");
  });
  onTestFinished(() => state.end());
  return state;
}

/** Has a relay tell its room of its observers, and then ask for nothing more by itself. */
async function askOnceMore(relay: DurableObjectStub): Promise<void> {
  await runDurableObjectAlarm(relay);
  await runInDurableObject(relay, (_, { storage }) => storage.deleteAlarm());
}

type AnObserver = Awaited<ReturnType<ReturnType<typeof aSpreadRoom>["observe"]>>;

async function readUntil(observer: AnObserver, last: number) {
  const ids: number[] = [];
  while (ids.at(-1) !== last) {
    ids.push(...(await observer.nextEvents()).map(({ id }) => id));
    observer.ack(ids.at(-1) ?? 0);
  }
  return ids;
}

describe("a room with more observers than one object serves", () => {
  it("spreads them over relays, which tell the same in the same order", async () => {
    const { room, observe } = aSpreadRoom();
    const observers = [];
    for (let i = 0; i < 6; i += 1) observers.push(await observe());
    expect(await room.status()).toMatchObject({ observers: 6, relays: 3 });
    for (let i = 0; i < 5; i += 1) await room.publish(many(100));
    for (const observer of observers) {
      expect(await readUntil(observer, 500)).toEqual(idsFrom(1, 500));
    }
    expect(new Set(observers.map(({ hello }) => hello.epoch)).size).toBe(1);
  });

  it("gives each region relays of its own", async () => {
    const { room, relay, observe } = aSpreadRoom();
    await observe();
    await observe({ region: "weur" });
    await observe({ region: "apac" });
    expect((await room.status()).relays).toBe(2);
    for (const region of ["weur", "apac"]) {
      expect((await relay(1, region).status()).observers).toBe(1);
    }
  });

  it("tells masked observers of a relay the masked events", async () => {
    const { room, observe } = aSpreadRoom();
    await observe();
    const [full, masked] = [await observe(), await observe({ view: "masked" })];
    await room.publish([{ ...anEvent(), data: "open", masked: "hidden" }]);
    expect((await full.nextEvents())[0]?.data).toBe("open");
    expect((await masked.nextEvents())[0]?.data).toBe("hidden");
    const from = { since: 0, epoch: full.hello.epoch };
    const again = await observe({ view: "masked", from });
    expect((await again.nextEvents())[0]?.data).toBe("hidden");
  });

  it("replays at a relay what happened before the relay was made", async () => {
    const { room, observe } = aSpreadRoom();
    const first = await observe();
    for (let i = 0; i < 3; i += 1) {
      await room.publish(many(500));
      await readUntil(first, 500 * (i + 1));
    }
    const back = await observe({ from: { since: 3, epoch: first.hello.epoch } });
    expect(back.hello).toMatchObject({ head: 1_500, recovered: true });
    expect(await readUntil(back, 1_500)).toEqual(idsFrom(4, 1_500));
  });

  it("says the same of what is gone for good", async () => {
    const { observe } = aSpreadRoom();
    await observe();
    const other = await observe({ from: { since: 0, epoch: crypto.randomUUID() } });
    expect(other.hello).toMatchObject({ recovered: false, gap: null });
  });

  it("goes on after the room and the relay were evicted", async () => {
    const { room, relay, observe } = aSpreadRoom();
    await observe();
    const observer = await observe();
    await room.publish(many(1));
    expect(await readUntil(observer, 1)).toEqual([1]);
    await evictDurableObject(room);
    await evictDurableObject(relay(1));
    await room.publish(many(2));
    expect(await readUntil(observer, 3)).toEqual([2, 3]);
  });

  it("pushes to its relays at once when it is awake again, and counts their observers", async () => {
    const { room, relay, observe } = aSpreadRoom();
    await observe();
    const observer = await observe();
    await askOnceMore(relay(1));
    await evictDurableObject(room);
    expect(await room.status()).toMatchObject({ observers: 2, relays: 1 });
    await room.publish(many(2));
    expect(await readUntil(observer, 2)).toEqual([1, 2]);
    expect(await room.status()).toMatchObject({ observers: 2, relays: 1 });
  });

  it("takes up the relays that an earlier version left", async () => {
    const { room, observe } = aSpreadRoom();
    await observe();
    const observer = await observe();
    await runInDurableObject(room, (_, { storage }) => {
      storage.sql.exec("ALTER TABLE relays DROP COLUMN observers");
    });
    await evictDurableObject(room);
    await room.publish(many(1));
    expect(await readUntil(observer, 1)).toEqual([1]);
  });

  it("sends the observers of a relay away that has missed three heartbeats, asleep in between", async () => {
    const { room, relay, observe } = aSpreadRoom();
    await observe();
    const observer = await observe();
    unreachable(room, "follow");
    for (let missed = 1; missed <= 3; missed += 1) {
      expect((await relay(1).status()).observers).toBe(1);
      await evictDurableObject(relay(1));
      await runDurableObjectAlarm(relay(1));
    }
    expect((await observer.closed()).code).toBe(1012);
  });

  it("pushes again to a relay that did not answer, and forgets it after five times", async () => {
    const { room, relay, observe } = aSpreadRoom();
    await observe();
    const observer = await observe();
    // A relay that asks by itself would not be forgotten.
    await askOnceMore(relay(1));
    const once = unreachable(relay(1), "accept");
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
    onTestFinished(() => void vi.useRealTimers());
    /** Its alarm, a minute later, as often as it takes: an answer that failed may still be on its way. */
    const inTime = (expectation: () => Promise<void> | void) =>
      vi.waitFor(
        async () => {
          vi.setSystemTime(Date.now() + 60_000);
          await runDurableObjectAlarm(room);
          await expectation();
        },
        { timeout: 3_600_000 },
      );
    await room.publish(many(1));
    await inTime(() => expect(once.calls).toBeGreaterThan(1));
    once.end();
    const told = readUntil(observer, 1);
    await inTime(async () => expect((await relay(1).status()).head).toBe(1));
    expect(await told).toEqual([1]);

    const forGood = unreachable(relay(1), "accept");
    await room.publish(many(1));
    await inTime(async () => expect((await room.status()).relays).toBe(0));
    expect(forGood.calls).toBe(5);
  });

  it("announces its presence at its own pace, however often relays are spoken to", async () => {
    const { room, relay, observe } = aSpreadRoom();
    await observe();
    const observer = await observe({ perRelay: 100 });
    for (const object of [relay(1), room]) await runDurableObjectAlarm(object);
    await observer.presence(2);
    const before = observer.told().length;
    for (let id = 1; id <= 20; id += 1) {
      await observe({ perRelay: 100 });
      await room.publish(many(1));
      await readUntil(observer, id);
    }
    // The alarm may have run meanwhile: a second is long for this, and yet possible.
    expect(observer.told().length - before).toBeLessThan(10);
    await runDurableObjectAlarm(room);
    await observer.presence(22);
  });

  it("lets the observers of a relay that died recover by replay", async () => {
    const { room, relay, observe } = aSpreadRoom();
    await observe();
    const observer = await observe();
    await room.publish(many(1));
    expect(await readUntil(observer, 1)).toEqual([1]);
    await evictDurableObject(relay(1), { webSockets: "close" });
    await observer.closed();
    await room.publish(many(5));
    const back = await observe({ from: { since: 1, epoch: observer.hello.epoch } });
    expect(back.hello.recovered).toBe(true);
    expect(await readUntil(back, 6)).toEqual(idsFrom(2, 6));
  });

  it("has a relay that was forgotten ask for what it missed", async () => {
    const { room, relay, observe } = aSpreadRoom();
    await observe();
    const observer = await observe();
    await runInDurableObject(room, (_, { storage }) => void storage.sql.exec("DELETE FROM relays"));
    await evictDurableObject(room);
    await room.publish(many(3));
    expect((await room.status()).relays).toBe(0);
    await runDurableObjectAlarm(relay(1));
    expect(await readUntil(observer, 3)).toEqual([1, 2, 3]);
    await room.publish(many(1));
    expect(await readUntil(observer, 4)).toEqual([4]);
  });

  it("counts the observers of all its objects, and tells all", async () => {
    const { room, relay, observe } = aSpreadRoom();
    const direct = await observe();
    const relayed = await observe();
    for (const object of [relay(1), room]) await runDurableObjectAlarm(object);
    await direct.presence(2);
    await relayed.presence(2);
    relayed.socket.close(1000, "bye");
    await relayed.closed();
    await runDurableObjectAlarm(relay(1));
    // The room's alarm comes by itself, now that it has been told.
    await direct.presence(1);
  });

  it("begins anew, and says so, when the room's log did", async () => {
    const { room, relay, observe } = aSpreadRoom();
    await observe();
    const observer = await observe();
    await room.publish(many(2));
    await readUntil(observer, 2);
    await runInDurableObject(room, (_, { storage }) => {
      storage.sql.exec("DELETE FROM log");
      storage.sql.exec("UPDATE log_state SET epoch = 'another', floor = 0");
    });
    await evictDurableObject(room);
    await runDurableObjectAlarm(relay(1));
    expect((await observer.closed()).code).toBe(1012);
    const back = await observe({ from: { since: 2, epoch: observer.hello.epoch } });
    expect(back.hello).toMatchObject({ epoch: "another", recovered: false, gap: null });
  });
});
