import { evictDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { PublishedEvent } from "../../src/rooms/event.ts";
import { observeDirectly } from "../support/worker/sockets.ts";

/** A room that no other test is in. */
const aRoom = () => env.ROOMS.getByName(crypto.randomUUID());

function anEvent(changes: Partial<PublishedEvent> = {}): PublishedEvent {
  return {
    type: "inquiry.submitted",
    time: "2026-11-22T09:30:00.000Z",
    data: { id: "1", email: "ada@example.com" },
    masked: { id: "1", email: "•••" },
    ...changes,
  };
}

describe("a room", () => {
  it("numbers its events from one up, and says in hello how far it is", async () => {
    const room = aRoom();
    const observer = await observeDirectly(room);
    expect(observer.hello.head).toBe(0);
    for (const id of [1, 2, 3]) {
      await room.publish([anEvent()]);
      expect((await observer.nextEvents()).map((event) => event.id)).toEqual([id]);
    }
    expect((await observeDirectly(room)).hello).toEqual({ ...observer.hello, head: 3 });
  });

  it("sends events that were published together in one frame, in order", async () => {
    const room = aRoom();
    const observer = await observeDirectly(room);
    await room.publish([anEvent({ data: "first" }), anEvent({ data: "second", type: "other" })]);
    expect(await observer.nextEvents()).toEqual([
      { id: 1, type: "inquiry.submitted", time: "2026-11-22T09:30:00.000Z", data: "first" },
      { id: 2, type: "other", time: "2026-11-22T09:30:00.000Z", data: "second" },
    ]);
  });

  it("sends everybody the frame of their view", async () => {
    const room = aRoom();
    const full = await observeDirectly(room, { view: "full" });
    const masked = await observeDirectly(room, { view: "masked" });
    await room.publish([anEvent()]);
    expect(await full.nextText()).toContain("ada@example.com");
    const frame = await masked.nextText();
    expect(frame).toContain("•••");
    expect(frame).not.toContain("ada@example.com");
  });

  it("has one view of an event that hides nothing", async () => {
    const room = aRoom();
    const masked = await observeDirectly(room, { view: "masked" });
    const { masked: _hidden, ...open } = anEvent({ data: { depth: 3 } });
    await room.publish([open]);
    expect((await masked.nextEvents())[0]?.data).toEqual({ depth: 3 });
  });

  it("logs an event that nobody observes", async () => {
    const room = aRoom();
    await room.publish([anEvent()]);
    expect((await observeDirectly(room)).hello.head).toBe(1);
  });

  it("answers ping with pong without being woken", async () => {
    const room = aRoom();
    const observer = await observeDirectly(room);
    await evictDurableObject(room);
    observer.socket.send("ping");
    expect(await observer.nextText()).toBe("pong");
  });

  it.each<[string, string | ArrayBuffer]>([
    ["text", "hello"],
    ["JSON", '{"type":"ack","id":"x"}'],
    ["an empty frame", ""],
    ["bytes", new Uint8Array([1, 2, 3]).buffer],
  ])("closes a socket that sends %s with 4400", async (_what, frame) => {
    const observer = await observeDirectly(aRoom());
    observer.socket.send(frame);
    expect(await observer.nextFrame()).toEqual({ type: "problem", code: "malformed_frame" });
    expect(await observer.closed()).toEqual({ code: 4400, reason: "malformed_frame" });
  });

  it.each([
    [1000, "done"],
    [4999, "mine"],
  ])("completes the close handshake with the code %i", async (code, reason) => {
    const observer = await observeDirectly(aRoom());
    observer.socket.close(code, reason);
    expect(await observer.closed()).toEqual({ code, reason });
  });

  it("completes the close handshake without a code", async () => {
    const observer = await observeDirectly(aRoom());
    observer.socket.close();
    expect((await observer.closed()).code).toBe(1005);
  });

  it("closes with 4401 at the next event when the token has expired, and sends it no event", async () => {
    const room = aRoom();
    const expired = await observeDirectly(room, { expiresAt: Math.floor(Date.now() / 1000) - 1 });
    const other = await observeDirectly(room);
    await room.publish([anEvent()]);
    expect((await expired.closed()).code).toBe(4401);
    expect(await other.nextEvents()).toHaveLength(1);
    expect(await expired.nextFrame()).toEqual({ type: "problem", code: "token_expired" });
    expect(expired.unread()).toEqual([]);
  });

  it("goes on when observers have left", async () => {
    const room = aRoom();
    const leaving = await observeDirectly(room);
    const staying = await observeDirectly(room);
    leaving.socket.close(1000, "bye");
    await room.publish([anEvent()]);
    await leaving.closed();
    await room.publish([anEvent()]);
    const heard = [...(await staying.nextEvents()), ...(await staying.nextEvents())];
    expect(heard.map(({ id }) => id)).toEqual([1, 2]);
  });

  it("lets nobody in without a ticket", async () => {
    const headers = { upgrade: "websocket" };
    const answer = await aRoom().fetch("https://room.test/", { headers });
    expect(answer.status).toBe(400);
    expect(answer.webSocket).toBeNull();
  });
});

describe("a room that was evicted", () => {
  it("keeps its epoch, its log and its observers, each with their view", async () => {
    const room = aRoom();
    const full = await observeDirectly(room, { view: "full" });
    const masked = await observeDirectly(room, { view: "masked" });
    await room.publish([anEvent(), anEvent()]);
    await Promise.all([full.nextEvents(), masked.nextEvents()]);

    await evictDurableObject(room);
    await room.publish([anEvent()]);
    expect((await full.nextEvents()).map(({ id }) => id)).toEqual([3]);
    expect(await masked.nextText()).not.toContain("ada@example.com");
    const later = await observeDirectly(room);
    expect(later.hello).toEqual({ ...full.hello, head: 3 });
  });

  it("still closes an expired socket", async () => {
    const room = aRoom();
    const expired = await observeDirectly(room, { expiresAt: 1 });
    await evictDurableObject(room);
    await room.publish([anEvent()]);
    expect((await expired.closed()).code).toBe(4401);
  });

  it("has another epoch than another room", async () => {
    const [one, other] = await Promise.all([observeDirectly(aRoom()), observeDirectly(aRoom())]);
    expect(one.hello.epoch).not.toBe(other.hello.epoch);
  });
});
