import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { EventLog } from "../../src/rooms/log.ts";
import { MAX_FRAME_BYTES, MAX_UNACKNOWLEDGED } from "../../src/rooms/protocol.ts";
import type { ObservationRoom } from "../../src/rooms/room.ts";
import { as } from "../support/worker/app.ts";
import { expectProblem } from "../support/worker/problems.ts";
import { knock, observeDirectly } from "../support/worker/sockets.ts";

const aRoom = () => env.ROOMS.getByName(crypto.randomUUID());
type Room = ReturnType<typeof aRoom>;

const anEvent = (data: unknown = {}) => ({
  type: "test.happened",
  time: "2026-11-22T09:30:00.000Z",
  data,
});
const many = (count: number, data: unknown = {}) =>
  Array.from({ length: count }, () => anEvent(data));
const idsFrom = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i);

async function epochOf(room: Room) {
  return (await room.status()).epoch;
}

/** Reads and acknowledges until `last` has come. @returns the ids, and the largest frame's bytes */
async function readUntil(observer: Awaited<ReturnType<typeof observeDirectly>>, last: number) {
  const ids: number[] = [];
  let largest = 0;
  while (ids.at(-1) !== last) {
    const text = await observer.nextText();
    largest = Math.max(largest, new TextEncoder().encode(text).byteLength);
    const frame = JSON.parse(text) as { events: { id: number }[] };
    ids.push(...frame.events.map(({ id }) => id));
    observer.ack(ids.at(-1) ?? 0);
  }
  return { ids, largest };
}

describe("coming back to a room", () => {
  it("replays what was missed in one frame, then goes on live", async () => {
    const room = aRoom();
    await room.publish(many(5));
    const epoch = await epochOf(room);
    const observer = await observeDirectly(room, { from: { since: 2, epoch } });
    expect(observer.hello).toMatchObject({ epoch, head: 5, recovered: true, gap: 0 });
    expect((await observer.nextEvents()).map(({ id }) => id)).toEqual([3, 4, 5]);
    await room.publish([anEvent()]);
    expect((await observer.nextEvents()).map(({ id }) => id)).toEqual([6]);
  });

  it("sends nothing to an observer who has missed nothing", async () => {
    const room = aRoom();
    await room.publish(many(2));
    const epoch = await epochOf(room);
    const observer = await observeDirectly(room, { from: { since: 2, epoch } });
    expect(observer.hello).toMatchObject({ recovered: true, gap: 0 });
    await room.publish([anEvent()]);
    expect((await observer.nextEvents()).map(({ id }) => id)).toEqual([3]);
  });

  it("says how many events are gone when the log was trimmed", async () => {
    const room = aRoom();
    for (let i = 0; i < 11; i += 1) await room.publish(many(1_000));
    const { epoch, head } = await room.status();
    const floor = await runInDurableObject<ObservationRoom, number>(
      room,
      (_, { storage }) => new EventLog(storage).floor,
    );
    const observer = await observeDirectly(room, { from: { since: 10, epoch } });
    expect(observer.hello).toMatchObject({ head, recovered: false, gap: floor - 10 });
    await room.publish([anEvent()]);
    expect((await observer.nextEvents()).map(({ id }) => id)).toEqual([head + 1]);
  });

  it.each([
    ["another epoch", { since: 1, epoch: crypto.randomUUID() }],
    ["a newer event than there is", { since: 99, epoch: undefined }],
  ])("does not recover from %s", async (_, from) => {
    const room = aRoom();
    await room.publish(many(2));
    const epoch = from.epoch ?? (await epochOf(room));
    const observer = await observeDirectly(room, { from: { since: from.since, epoch } });
    expect(observer.hello).toMatchObject({ head: 2, recovered: false, gap: null });
  });

  it("replays more than it may send at once page by page, between live events, in order", async () => {
    const room = aRoom();
    for (let i = 0; i < 3; i += 1) await room.publish(many(1_000));
    const epoch = await epochOf(room);
    const observer = await observeDirectly(room, { from: { since: 0, epoch } });
    const reading = readUntil(observer, 3_010);
    for (let i = 0; i < 10; i += 1) await room.publish([anEvent()]);
    expect((await reading).ids).toEqual(idsFrom(1, 3_010));
  });

  it("never sends a frame of more than one mebibyte", async () => {
    const room = aRoom();
    const large = "€".repeat(90_000);
    const live = await observeDirectly(room);
    const reading = readUntil(live, 12);
    await room.publish(many(12, large));
    expect((await reading).ids).toEqual(idsFrom(1, 12));
    const epoch = await epochOf(room);
    const back = await readUntil(await observeDirectly(room, { from: { since: 0, epoch } }), 12);
    expect(back.ids).toEqual(idsFrom(1, 12));
    for (const { largest } of [await reading, back]) expect(largest).toBeLessThan(MAX_FRAME_BYTES);
  });

  it.each([
    "since=1",
    "epoch=0b1c9d8e-6f0a-4a52-9d0e-3f5b7c1a2d4e",
    "since=-1&epoch=0b1c9d8e-6f0a-4a52-9d0e-3f5b7c1a2d4e",
    "since=1e3&epoch=0b1c9d8e-6f0a-4a52-9d0e-3f5b7c1a2d4e",
    "since=99999999999999999999&epoch=0b1c9d8e-6f0a-4a52-9d0e-3f5b7c1a2d4e",
    "since=1&since=2&epoch=0b1c9d8e-6f0a-4a52-9d0e-3f5b7c1a2d4e",
    "since=1&epoch=%00",
    "since=&epoch=",
  ])("refuses ?%s", async (query) => {
    await expectProblem(await knock(`inquiries?${query}`, as("employee")), 400, "invalid_offset");
  });
});

describe("a burst", () => {
  it("sends the first event at once and the rest in one frame, logged once", async () => {
    const room = aRoom();
    const observer = await observeDirectly(room);
    await Promise.all(Array.from({ length: 20 }, () => room.publish([anEvent()])));
    expect((await observer.nextEvents()).map(({ id }) => id)).toEqual([1]);
    expect((await observer.nextEvents()).map(({ id }) => id)).toEqual(idsFrom(2, 20));
  });

  it("announces a happening once, however often it is published", async () => {
    const room = aRoom();
    const observer = await observeDirectly(room);
    const keyed = { ...anEvent(), key: crypto.randomUUID() };
    await room.publish([keyed]);
    await room.publish([keyed]);
    await room.publish([anEvent()]);
    expect((await observer.nextEvents()).map(({ id }) => id)).toEqual([1]);
    expect((await observer.nextEvents()).map(({ id }) => id)).toEqual([2]);
  });
});

describe("an object that was evicted", () => {
  it("serves its sockets on, live and behind", async () => {
    const room = aRoom();
    await room.publish(many(800));
    const epoch = await epochOf(room);
    const live = await observeDirectly(room);
    const behind = await observeDirectly(room, { from: { since: 0, epoch } });
    expect((await behind.nextFrame()) as object).toMatchObject({ more: true });
    await evictDurableObject(room);
    await room.publish([anEvent()]);
    expect((await live.nextEvents()).map(({ id }) => id)).toEqual([801]);
    await evictDurableObject(room);
    behind.ack(500);
    expect((await readUntil(behind, 801)).ids).toEqual(idsFrom(501, 801));
  });

  it("still knows from where on a socket was sent nothing more", async () => {
    const room = aRoom();
    const observer = await observeDirectly(room);
    for (let i = 0; i < 6; i += 1) await room.publish([anEvent("x".repeat(200_000))]);
    await evictDurableObject(room);
    await room.publish([anEvent()]);
    const got: number[] = [];
    while (got.at(-1) !== 5) got.push(...(await observer.nextEvents()).map(({ id }) => id));
    expect(got).toEqual([1, 2, 3, 4, 5]);
    observer.ack(5);
    expect((await observer.nextEvents()).map(({ id }) => id)).toEqual([6, 7]);
  });

  it("still knows how much a socket has not acknowledged", async () => {
    const room = aRoom();
    const observer = await observeDirectly(room);
    for (let i = 0; i < 5; i += 1) await room.publish([anEvent("x".repeat(200_000))]);
    await evictDurableObject(room);
    await room.publish([anEvent("x".repeat(200_000))]);
    observer.socket.send("ping");
    for (let id = 1; id <= 5; id += 1) expect((await observer.nextEvents())[0]?.id).toBe(id);
    expect(await observer.nextText()).toBe("pong");
    observer.ack(5);
    expect((await observer.nextEvents()).map(({ id }) => id)).toEqual([6]);
  });

  it("still knows how far behind a socket is", async () => {
    const room = aRoom();
    const observer = await observeDirectly(room);
    await room.publish(many(600));
    await evictDurableObject(room);
    await room.publish(many(MAX_UNACKNOWLEDGED - 600));
    await evictDurableObject(room);
    await room.publish([anEvent()]);
    expect((await observer.closed()).code).toBe(4008);
  });
});
