import { evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { and, eq } from "drizzle-orm";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { permissions } from "../../src/db/schema.ts";
import { enterRoom } from "../../src/rooms/ticket.ts";
import { database } from "../support/worker/app.ts";
import { anIssuer } from "../support/worker/issuer.ts";
import { watchNetwork } from "../support/worker/network.ts";
import { appWith } from "../support/worker/own-app.ts";
import { observeDirectly, observerOf } from "../support/worker/sockets.ts";
import { databaseAway } from "../support/worker/spool.ts";

const anEvent = (changes: object = {}) => ({
  type: "test.happened",
  time: "2026-11-22T09:30:00.000Z",
  data: "open",
  masked: "hidden",
  ...changes,
});

const ROOM = { v1: "room", v2: "inquiries" };
const CONTACT = { v1: "inquiry", v2: "contact" };

/** A role that no other test has. */
async function aRole(...rights: { v1: string; v2: string }[]) {
  const role = `ROLE-${crypto.randomUUID()}`;
  const allow = (right: { v1: string; v2: string }) =>
    database()
      .insert(permissions)
      .values({ ptype: "p", v0: role, ...right });
  for (const right of rights) await allow(right);
  onTestFinished(async () => {
    await database().delete(permissions).where(eq(permissions.v0, role));
  });
  const forbid = ({ v1, v2 }: { v1: string; v2: string }) =>
    database()
      .delete(permissions)
      .where(and(eq(permissions.v0, role), eq(permissions.v1, v1), eq(permissions.v2, v2)));
  return { role, allow, forbid };
}

type RoomStub = ReturnType<typeof env.ROOMS.getByName>;
const aRoom = (): RoomStub => env.ROOMS.getByName(crypto.randomUUID());

/** Runs the object's alarm as if so many seconds had passed. */
async function alarmAfter(seconds: number, room: RoomStub) {
  const clock = vi.spyOn(Date, "now").mockReturnValue(Date.now() + seconds * 1000);
  try {
    return await runDurableObjectAlarm(room);
  } finally {
    clock.mockRestore();
  }
}

const queries = (calls: Request[]) => calls.filter(({ url }) => url === env.DATABASE_HTTP_ENDPOINT);

describe("a right that was taken away", () => {
  it.each([
    ["an object that stayed awake", async () => {}],
    ["an object that was evicted", (room: RoomStub) => evictDurableObject(room)],
  ])("closes the socket with 4403 within a minute, in %s", async (_what, meanwhile) => {
    const [lost, kept] = [await aRole(ROOM), await aRole(ROOM)];
    const room = aRoom();
    const loser = await observeDirectly(room, { roles: [lost.role] });
    const keeper = await observeDirectly(room, { roles: [lost.role, kept.role] });
    await lost.forbid(ROOM);
    await meanwhile(room);
    expect(await alarmAfter(60, room)).toBe(true);
    expect(await loser.nextFrame()).toEqual({ type: "problem", code: "forbidden" });
    expect((await loser.closed()).code).toBe(4403);
    await room.publish([anEvent()]);
    expect(await keeper.nextEvents()).toHaveLength(1);
    expect((await room.status()).observers).toBe(1);
  });

  it("closes the socket of a relay as well", async () => {
    const { role, forbid } = await aRole(ROOM);
    const name = crypto.randomUUID();
    const ticket = {
      room: "inquiries",
      view: "full",
      expiresAt: 4_000_000_000,
      direct: 0,
    } as const;
    const request = new Request("https://room.test/", { headers: { upgrade: "websocket" } });
    const room = env.ROOMS.getByName(name);
    const through = {
      getByName: (asked: string) => (asked === "inquiries" ? room : env.ROOMS.getByName(asked)),
    };
    const observer = await observerOf(
      await enterRoom(through as typeof env.ROOMS, request, { ...ticket, roles: [role] }, "test"),
    );
    await forbid(ROOM);
    await alarmAfter(60, env.ROOMS.getByName(`${room.id.toString()}/any/1`));
    expect((await observer.closed()).code).toBe(4403);
  });

  it("is noticed on the way through the Worker, whose token is as good as before", async () => {
    const { role, forbid } = await aRole(ROOM);
    const issuer = await anIssuer();
    watchNetwork(({ url }) => (url === issuer.jwksUrl ? Response.json(issuer.jwks) : undefined));
    const room = aRoom();
    const app = appWith({ ...issuer.variables, ROOMS: { getByName: () => room } });
    const headers = {
      upgrade: "websocket",
      authorization: `Bearer ${await issuer.token({ roles: [role] })}`,
    };
    const observer = await observerOf(await app.call("/rooms/inquiries", { headers }));
    await forbid(ROOM);
    await alarmAfter(60, room);
    expect((await observer.closed()).code).toBe(4403);
  });

  it("is read by one query for all sockets, and by none before its time or for nobody", async () => {
    const { role } = await aRole(ROOM, CONTACT);
    const room = aRoom();
    const first = await observeDirectly(room, { roles: [role] });
    for (let n = 0; n < 5; n += 1) await observeDirectly(room, { roles: [role, "CASHIER"] });
    const calls = watchNetwork();
    await runDurableObjectAlarm(room);
    expect(queries(calls)).toHaveLength(0);
    await alarmAfter(31, room);
    expect(queries(calls)).toHaveLength(1);
    expect(await runDurableObjectAlarm(room)).toBe(true);
    expect(queries(calls)).toHaveLength(1);
    expect((await room.status()).observers).toBe(6);
    await evictDurableObject(room, { webSockets: "close" });
    await first.closed();
    await alarmAfter(120, room);
    expect(queries(calls)).toHaveLength(1);
  });

  it("waits for rules that cannot be read: sockets stay, one line is logged, it is tried again", async () => {
    const { role, forbid } = await aRole(ROOM);
    const room = aRoom();
    const observer = await observeDirectly(room, { roles: [role] });
    await forbid(ROOM);
    const { comesBack } = databaseAway();
    const lines = vi.spyOn(console, "log");
    await alarmAfter(31, room);
    await evictDurableObject(room);
    await alarmAfter(42, room);
    expect((await room.status()).observers).toBe(1);
    expect(
      lines.mock.calls.filter(([line]) => String(line).includes("rules not read")),
    ).toHaveLength(1);
    lines.mockRestore();
    comesBack();
    await alarmAfter(60, room);
    expect((await observer.closed()).code).toBe(4403);
  });
});

describe("the view of an open socket", () => {
  it("follows the rules, live and replayed, and stays so when the object is evicted", async () => {
    const { role, allow, forbid } = await aRole(ROOM, CONTACT);
    const room = aRoom();
    const observer = await observeDirectly(room, { view: "full", roles: [role] });
    const dataOfNext = async () => {
      await room.publish([anEvent()]);
      return (await observer.nextEvents())[0]?.data;
    };
    expect(await dataOfNext()).toBe("open");
    await forbid(CONTACT);
    await alarmAfter(31, room);
    expect(await dataOfNext()).toBe("hidden");
    await evictDurableObject(room);
    expect(await dataOfNext()).toBe("hidden");
    await allow(CONTACT);
    await alarmAfter(62, room);
    expect(await dataOfNext()).toBe("open");
  });
});
