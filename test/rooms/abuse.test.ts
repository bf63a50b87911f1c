import { evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { MAX_UNACKNOWLEDGED } from "../../src/rooms/protocol.ts";
import { TICKET_HEADER } from "../../src/rooms/ticket.ts";
import { observeDirectly } from "../support/worker/sockets.ts";

const aRoom = () => env.ROOMS.getByName(crypto.randomUUID());
const anEvent = (data: unknown = {}) => ({
  type: "test.happened",
  time: "2026-11-22T09:30:00.000Z",
  data,
});
const many = (count: number, data?: unknown) => Array.from({ length: count }, () => anEvent(data));
const nowSeconds = () => Math.floor(Date.now() / 1000);

describe("an observer that misbehaves", () => {
  it.each([
    ["text", "hello"],
    ["an empty frame", ""],
    ["other JSON", '{"type":"publish","id":1}'],
    ["an id that is text", '{"type":"ack","id":"1"}'],
    ["a fraction", '{"type":"ack","id":1.5}'],
    ["an id beyond what JSON can count", '{"type":"ack","id":1e300}'],
    ["an event that was never sent", '{"type":"ack","id":2}'],
    ["an event from before it came", '{"type":"ack","id":0}'],
    ["null", "null"],
    ["deep JSON", "[".repeat(100_000)],
    ["a mebibyte of text", "x".repeat(1024 * 1024)],
    ["lone surrogates", "\ud800"],
    ["binary", new Uint8Array(16)],
    ["a mebibyte of binary", new Uint8Array(1024 * 1024)],
  ])("is closed with 4400 for %s", async (_, frame) => {
    const room = aRoom();
    const observer = await observeDirectly(room);
    await room.publish([anEvent()]);
    await observer.nextEvents();
    observer.socket.send(frame);
    expect((await observer.closed()).code).toBe(4400);
    expect((await room.status()).observers).toBe(0);
  });

  it("is closed at the first of a thousand frames, and nobody else notices", async () => {
    const room = aRoom();
    const [flooder, other] = [await observeDirectly(room), await observeDirectly(room)];
    await room.publish([anEvent()]);
    for (let i = 0; i < 1_000; i += 1) flooder.ack(1);
    expect((await flooder.closed()).code).toBe(4400);
    await room.publish([anEvent()]);
    expect((await other.nextEvents()).map(({ id }) => id)).toEqual([1]);
    expect((await other.nextEvents()).map(({ id }) => id)).toEqual([2]);
  });

  it("gets its pings answered, a thousand of them", async () => {
    const observer = await observeDirectly(aRoom());
    for (let i = 0; i < 1_000; i += 1) observer.socket.send("ping");
    for (let i = 0; i < 1_000; i += 1) expect(await observer.nextText()).toBe("pong");
  });

  it("is closed with 4008 when it is more than 1,000 events behind, and not before", async () => {
    const room = aRoom();
    const observer = await observeDirectly(room);
    await room.publish(many(400));
    await room.publish(many(400));
    observer.ack(1);
    await room.publish(many(MAX_UNACKNOWLEDGED - 799));
    expect((await room.status()).observers).toBe(1);
    await room.publish([anEvent()]);
    expect((await observer.closed()).code).toBe(4008);
    expect(observer.unread().at(-1)).toBe('{"type":"problem","code":"too_far_behind"}');
  });

  it("is sent no more than a mebibyte that it does not acknowledge, and goes on when it does", async () => {
    const room = aRoom();
    const observer = await observeDirectly(room);
    for (let i = 0; i < 20; i += 1) await room.publish([anEvent("x".repeat(100_000))]);
    const got = [];
    for (let i = 0; i < 10; i += 1) got.push((await observer.nextEvents())[0]?.id);
    expect(got).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    const next = observer.nextEvents();
    observer.ack(10);
    expect((await next)[0]?.id).toBe(11);
  });

  it("is closed with 4008 by its acknowledgements also when it was sent only some of the events", async () => {
    const room = aRoom();
    const observer = await observeDirectly(room);
    for (let i = 0; i < 6; i += 1) await room.publish([anEvent("x".repeat(200_000))]);
    await room.publish(many(MAX_UNACKNOWLEDGED - 6));
    expect((await room.status()).observers).toBe(1);
    await room.publish([anEvent()]);
    expect((await observer.closed()).code).toBe(4008);
  });

  it("is closed with 4008 when it does not take up a replay while the room moves on", async () => {
    const room = aRoom();
    await room.publish(many(800));
    const { epoch } = await room.status();
    const observer = await observeDirectly(room, { from: { since: 0, epoch } });
    await room.publish(many(500));
    await room.publish(many(500));
    expect((await room.status()).observers).toBe(1);
    await room.publish([anEvent()]);
    expect((await observer.closed()).code).toBe(4008);
  });
});

describe("an observer that is gone without a word", () => {
  it("is closed when its pings have stopped for 90 s, and nobody else is", async () => {
    const room = aRoom();
    const [silent, other] = [await observeDirectly(room), await observeDirectly(room)];
    const ping = async (observer: typeof silent) => {
      observer.socket.send("ping");
      expect(await observer.nextText()).toBe("pong");
    };
    await ping(silent);
    await ping(other);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 89_000 });
    onTestFinished(() => void vi.useRealTimers());
    await runDurableObjectAlarm(room);
    expect((await room.status()).observers).toBe(2);
    await ping(other);
    vi.setSystemTime(Date.now() + 3_000);
    await runDurableObjectAlarm(room);
    expect((await silent.closed()).code).toBe(1001);
  });

  it("is no observer any more once it was closed, also after a sleep", async () => {
    const room = aRoom();
    const ticket = { room: "inquiries", view: "full", expiresAt: nowSeconds() - 1 };
    const headers = { upgrade: "websocket", [TICKET_HEADER]: JSON.stringify(ticket) };
    const { webSocket } = await room.fetch("https://room.test/", { headers });
    // It hears of the close, and does not answer.
    webSocket?.accept({ allowHalfOpen: true });
    await runDurableObjectAlarm(room);
    expect((await room.status()).observers).toBe(0);
    await evictDurableObject(room);
    expect((await room.status()).observers).toBe(0);
    expect(webSocket?.readyState).toBe(WebSocket.CLOSING);
    webSocket?.close();
  });
});

describe("a token", () => {
  it("ends its socket with 4401 by the alarm, without any event", async () => {
    const room = aRoom();
    const soon = await observeDirectly(room, { expiresAt: nowSeconds() - 1 });
    const later = await observeDirectly(room, { expiresAt: nowSeconds() + 600 });
    await runDurableObjectAlarm(room);
    expect((await soon.closed()).code).toBe(4401);
    await room.publish([anEvent()]);
    expect((await later.nextEvents()).map(({ id }) => id)).toEqual([1]);
  });
});

describe("presence", () => {
  it("is not told again by every alarm that wakes the room", async () => {
    const room = aRoom();
    const observer = await observeDirectly(room);
    await runDurableObjectAlarm(room);
    await observer.presence(1);
    await evictDurableObject(room);
    await runDurableObjectAlarm(room);
    await room.publish([anEvent()]);
    await observer.nextEvents();
    expect(observer.told()).toEqual([1]);
  });

  it("is told once for many who come and go", async () => {
    const room = aRoom();
    const first = await observeDirectly(room);
    const others = [];
    for (let i = 0; i < 9; i += 1) others.push(await observeDirectly(room));
    await runDurableObjectAlarm(room);
    await first.presence(10);
    for (const { socket } of others) socket.close(1000, "bye");
    await Promise.all(others.map(({ closed }) => closed()));
    await runDurableObjectAlarm(room);
    await first.presence(1);
  });
});
