import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { encodeEvent, MAX_EVENT_CHARACTERS } from "../../src/rooms/event.ts";
import { EventLog, KEEP_EVENTS, KEEP_KEYS_MS, KEEP_MS } from "../../src/rooms/log.ts";
import type { ObservationRoom } from "../../src/rooms/room.ts";

const aRoom = () => env.ROOMS.getByName(crypto.randomUUID());
const anEvent = { type: "test.happened", time: "2026-11-22T09:30:00.000Z", data: {} };
const ALL = { events: 100_000, characters: Number.POSITIVE_INFINITY };

function events(count: number, extra: { key?: string } = {}) {
  return Array.from({ length: count }, (_, i) =>
    encodeEvent({
      type: "test.happened",
      time: "2026-11-22T09:30:00.000Z",
      data: { i },
      ...extra,
    }),
  );
}

/** Runs in an object of its own, on a log that nobody else uses. */
function withLog<T>(use: (log: EventLog, storage: DurableObjectStorage) => T): Promise<T> {
  return runInDurableObject<ObservationRoom, T>(aRoom(), (_, { storage }) =>
    use(new EventLog(storage), storage),
  );
}

describe("the event log", () => {
  it("counts up by one, over instances", async () => {
    const ids = await withLog((log, storage) => {
      log.append(events(2), 1);
      const again = new EventLog(storage);
      return [...again.append(events(2), 2), ...again.read(0, ALL)].map(({ id }) => id);
    });
    expect(ids).toEqual([3, 4, 1, 2, 3, 4]);
  });

  it("keeps the newest 10,000 events, and never counts anew", async () => {
    const { head, floor, kept } = await withLog((log) => {
      for (let i = 0; i < 11; i += 1) log.append(events(1_000), 1);
      return { head: log.head, floor: log.floor, kept: log.read(0, ALL).length };
    });
    expect(head).toBe(11_000);
    expect(kept).toBe(head - floor);
    expect(kept).toBeGreaterThanOrEqual(KEEP_EVENTS);
    expect(kept).toBeLessThan(KEEP_EVENTS + 1_000);
  });

  it("forgets what is older than seven days, and says when to come again", async () => {
    const result = await withLog((log, storage) => {
      log.append(events(3), 1_000);
      log.append(events(1), 5_000);
      const next = log.trim(1_000 + KEEP_MS);
      const kept = log.read(0, ALL).map(({ id }) => id);
      const last = log.trim(5_000 + KEEP_MS);
      const { head, floor } = new EventLog(storage);
      return { next, kept, last, head, floor };
    });
    expect(result).toEqual({
      next: 5_000 + KEEP_MS,
      kept: [4],
      last: undefined,
      head: 4,
      floor: 4,
    });
  });

  it("ignores an event whose key it holds", async () => {
    const ids = await withLog((log) =>
      [
        ...log.append(events(1, { key: "a" }), 1),
        ...log.append(events(1, { key: "a" }), 2),
        ...log.append([...events(1, { key: "b" }), ...events(1, { key: "b" })], 3),
        ...log.append(events(2), 4),
      ].map(({ id }) => id),
    );
    expect(ids).toEqual([1, 2, 3, 4]);
  });

  it("knows a key for an hour, also when a rush has trimmed its event and the object was evicted", async () => {
    const again = await withLog((log, storage) => {
      const now = 1_000_000_000;
      const is = (key: string) => events(1, { key });
      log.append([...is("a"), ...is("b")], now);
      log.append(events(KEEP_EVENTS + 1_000), now);
      const floor = log.floor;
      const evicted = new EventLog(storage);
      const unlogged = evicted.unlogged(["a", "c", "b"]);
      const soon = evicted.append([...is("a"), ...is("c")], now + 1).map(({ key }) => key);
      evicted.append(events(KEEP_EVENTS + 1_000), now + KEEP_KEYS_MS + 2);
      const later = evicted.append(is("a"), now + KEEP_KEYS_MS + 2).map(({ key }) => key);
      return { floor, unlogged, soon, later };
    });
    expect(again.floor).toBeGreaterThan(2);
    expect(again).toMatchObject({ unlogged: ["c"], soon: ["c"], later: ["a"] });
  });

  it("refuses an event that no frame could hold, in whichever view", () => {
    const tooMuch = "x".repeat(MAX_EVENT_CHARACTERS);
    expect(() => encodeEvent({ ...anEvent, data: tooMuch })).toThrow(RangeError);
    expect(() => encodeEvent({ ...anEvent, masked: tooMuch })).toThrow(RangeError);
  });

  it("is trimmed by the room's alarm, which is set with the first event", async () => {
    const room = aRoom();
    await room.publish([anEvent]);
    const before = await runInDurableObject(room, async (_, { storage }) => {
      storage.sql.exec("UPDATE log SET at = at - ?", KEEP_MS + 1);
      return storage.getAlarm();
    });
    expect(before).toBeGreaterThan(Date.now() + KEEP_MS - 60_000);
    expect(await runDurableObjectAlarm(room)).toBe(true);
    const left = await runInDurableObject(room, (_, { storage }) => ({
      events: storage.sql.exec("SELECT count(*) AS n FROM log").one(),
      head: new EventLog(storage).head,
    }));
    expect(left).toEqual({ events: { n: 0 }, head: 1 });
    await evictDurableObject(room);
    await room.publish([anEvent]);
    expect((await room.status()).head).toBe(2);
  });
});
