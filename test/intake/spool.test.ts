import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { OUTAGE_WATCH } from "../../src/intake/shards.ts";
import { Spool } from "../../src/intake/spool.ts";
import { watchNetwork } from "../support/worker/network.ts";
import {
  aRow,
  aSpool,
  databaseAway,
  drain,
  eventsIn,
  rowsUnder,
  undisturbed,
} from "../support/worker/spool.ts";

async function noLongerPostponed(spool: ReturnType<typeof aSpool>): Promise<void> {
  await runInDurableObject(spool, (_, { storage }) => {
    storage.sql.exec("UPDATE rows SET not_before = 0");
  });
}

const isSql = (request: Request) => new URL(request.url).pathname === "/sql";

/** Has Postgres answer with this SQLSTATE to every statement that `concerns`. */
function failing(code: string, concerns: (statement: string) => boolean): void {
  watchNetwork(async (request) => {
    if (!isSql(request) || !concerns(await request.clone().text())) return undefined;
    return Response.json({ message: "", code }, { status: 400 });
  });
}

describe("a spool", () => {
  it("stores what waits when its alarm goes off, once, and then has nothing to do", async () => {
    const spool = aSpool();
    await undisturbed(spool);
    const rows = Array.from({ length: 120 }, () => aRow());
    for (const row of rows) await spool.accept(row);
    expect(await runDurableObjectAlarm(spool)).toBe(true);
    expect(await runDurableObjectAlarm(spool)).toBe(false);
    expect(await spool.stats()).toEqual({ depth: 0, oldestAcceptedAt: null, setAside: 0 });
    for (const row of rows) expect(await rowsUnder(row.key)).toHaveLength(1);
  });

  it("replays in the order in which the rows came", async () => {
    const spool = aSpool();
    await undisturbed(spool);
    const rows = Array.from({ length: 60 }, () => aRow());
    for (const row of rows) await spool.accept(row);
    await runDurableObjectAlarm(spool);
    const ids = await Promise.all(rows.map(async (row) => (await rowsUnder(row.key))[0]?.id ?? ""));
    expect(ids).toEqual(ids.toSorted((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1)));
  });

  it("takes in rows while it replays others, and leaves them an alarm", async () => {
    const spool = aSpool();
    const [early, late] = [aRow(), aRow()];
    await spool.accept(early);
    await runInDurableObject(spool, async (object: Spool, state) => {
      await state.storage.deleteAlarm();
      const replaying = object.alarm();
      await object.accept(late);
      await replaying;
    });
    await runDurableObjectAlarm(spool);
    expect((await spool.stats()).depth).toBe(0);
    for (const row of [early, late]) expect(await rowsUnder(row.key)).toHaveLength(1);
  });

  it("keeps its rows and its alarm when it is evicted", async () => {
    const spool = aSpool();
    const row = aRow();
    await undisturbed(spool);
    await spool.accept(row);
    await evictDurableObject(spool);
    expect((await spool.stats()).depth).toBe(1);
    expect(await runDurableObjectAlarm(spool)).toBe(true);
    expect(await rowsUnder(row.key)).toHaveLength(1);
  });

  it("stores and announces once when the answer was lost after the commit", async () => {
    const spool = aSpool();
    let lost = 0;
    watchNetwork((request) => {
      if (!isSql(request) || lost > 0) return undefined;
      lost += 1;
      return fetch(request).then(() => {
        throw new TypeError("Network connection lost.");
      });
    });
    const rows = [aRow(), aRow(), aRow()];
    for (const row of rows) await spool.accept(row);
    await runDurableObjectAlarm(spool);
    await runDurableObjectAlarm(spool);
    expect(lost).toBe(1);
    const events = await eventsIn("inquiries");
    for (const { key } of rows) {
      const stored = await rowsUnder(key);
      expect(stored).toHaveLength(1);
      expect(events.filter((event) => event.data.id === stored[0]?.id)).toHaveLength(1);
    }
  });

  it("stores and announces once when it is thrown out between the commit and its own note", async () => {
    const spool = aSpool();
    const rows = Array.from({ length: 20 }, () => aRow());
    for (const row of rows) await spool.accept(row);
    let throwOut = () => {};
    await runInDurableObject(spool, (_, state) => {
      throwOut = () => state.abort("thrown out by a test");
    });
    let commits = 0;
    watchNetwork((request) => {
      if (!isSql(request) || commits > 0) return undefined;
      commits += 1;
      return fetch(request).then((answer) => {
        throwOut();
        return answer;
      });
    });
    await runDurableObjectAlarm(spool).catch(() => undefined);
    const again = env.SPOOL.get(spool.id);
    expect((await again.stats()).depth).toBe(20);
    await runDurableObjectAlarm(again);
    expect((await again.stats()).depth).toBe(0);
    const events = await eventsIn("inquiries");
    for (const { key } of rows) {
      const stored = await rowsUnder(key);
      expect(stored).toHaveLength(1);
      expect(events.filter((event) => event.data.id === stored[0]?.id)).toHaveLength(1);
    }
  });

  it("does not announce spam", async () => {
    const spool = aSpool();
    const row = aRow({ status: "CANCELLED", spamReasons: ["honeypot"] });
    await spool.accept(row);
    await runDurableObjectAlarm(spool);
    const [stored] = await rowsUnder(row.key);
    expect(stored?.spamReasons).toEqual(["honeypot"]);
    expect((await eventsIn("inquiries")).map((event) => event.data.id)).not.toContain(stored?.id);
  });

  it("knows the twin of a row on the other side of the window's border", async () => {
    const spool = aSpool();
    const at = Date.now();
    const first = aRow({}, { at, key: "content.7.twin", fingerprint: "twin" });
    const neighbours = { keys: ["content.7.twin"], within: 600_000 };
    const twin = { ...first, key: "content.8.twin", neighbours };
    await spool.accept(first);
    expect(await spool.accept({ ...twin, at: at + 599_000 })).toMatchObject({
      kind: "known",
      key: first.key,
    });
    expect(await spool.accept({ ...twin, at: at + 600_000 })).toMatchObject({ kind: "accepted" });
    // What they hold is no submission.
    await runInDurableObject(spool, (_, state) => state.storage.deleteAll());
  });
});

describe("a spool whose database is away", () => {
  it("keeps every row, and waits longer each time, up to five minutes", async () => {
    const { comesBack } = databaseAway();
    const spool = aSpool();
    const row = aRow();
    await spool.accept(row);
    const waits: number[] = [];
    for (let n = 0; n < 12; n += 1) {
      await runDurableObjectAlarm(spool);
      // In between, because a pause of minutes outlives the object's memory.
      if (n === 4) await evictDurableObject(spool);
      const at = await runInDurableObject(spool, (_, state) => state.storage.getAlarm());
      waits.push((at ?? 0) - Date.now());
    }
    expect(waits[0]).toBeLessThanOrEqual(1_000);
    expect(waits[5]).toBeGreaterThan(10_000);
    expect(Math.min(...waits.slice(10))).toBeGreaterThan(140_000);
    expect(Math.max(...waits)).toBeLessThanOrEqual(300_000);
    comesBack();
    await spool.wake();
    await runDurableObjectAlarm(spool);
    expect(await rowsUnder(row.key)).toHaveLength(1);
  });

  it.each([
    ["refuses connections", () => Promise.reject(new TypeError("Network connection lost."))],
    ["answers 500", async () => new Response("oops", { status: 500 })],
    ["answers with a page", async () => new Response("<h1>Sorry</h1>")],
    ["answers JSON that is no result", async () => Response.json({ hello: "world" })],
    ["answers without rows", async () => Response.json({ fields: [], rows: [], results: [] })],
    ["answers 400 with a page", async () => new Response("<h1>Sorry</h1>", { status: 400 })],
    ["is a standby", async () => Response.json({ message: "", code: "25006" }, { status: 400 })],
    ["lacks a column", async () => Response.json({ message: "", code: "42703" }, { status: 400 })],
  ])("sets nothing aside when it %s, and stores all when it is well", async (_, answer) => {
    let ill = true;
    watchNetwork((request) => (ill && isSql(request) ? answer() : undefined));
    const spool = aSpool();
    const rows = [aRow(), aRow(), aRow()];
    for (const row of rows) await spool.accept(row);
    await runDurableObjectAlarm(spool);
    expect(await spool.stats()).toMatchObject({ depth: 3, setAside: 0 });
    ill = false;
    await noLongerPostponed(spool);
    await runDurableObjectAlarm(spool);
    expect((await spool.stats()).depth).toBe(0);
    for (const row of rows) expect(await rowsUnder(row.key)).toHaveLength(1);
  });

  it("is no longer away for the watch when it is back, though the answer to that was lost", async () => {
    const noteAway = Spool.prototype.noteAway;
    const lost = vi.spyOn(Spool.prototype, "noteAway").mockImplementation(async function (
      this: Spool,
      ...told
    ) {
      await noteAway.apply(this, told);
      throw new Error("lost");
    });
    onTestFinished(() => lost.mockRestore());
    const { comesBack } = databaseAway();
    const spool = aSpool();
    await spool.accept(aRow());
    await runDurableObjectAlarm(spool);
    const away = () =>
      runInDurableObject(env.SPOOL.getByName(OUTAGE_WATCH), (_, { storage }) =>
        storage.sql.exec("SELECT 1 FROM away WHERE shard = ?", spool.id.toString()).toArray(),
      );
    expect(await away()).toHaveLength(1);
    comesBack();
    await runDurableObjectAlarm(spool);
    expect(await away()).toHaveLength(0);
  });

  it("is announced as away once and as back once, however many shards and rows there are", async () => {
    const counts = async () => {
      const types = (await eventsIn("operations")).map((event) => event.type);
      const count = (type: string) => types.filter((each) => each === type).length;
      return { away: count("operations.database_away"), back: count("operations.database_back") };
    };
    await drain(env.SPOOL.getByName(OUTAGE_WATCH));
    const before = await counts();
    const { comesBack } = databaseAway();
    const spools = [aSpool(), aSpool(), aSpool()];
    for (const spool of spools) for (let n = 0; n < 3; n += 1) await spool.accept(aRow());
    const round = async () => {
      for (const spool of spools) await runDurableObjectAlarm(spool);
      await runDurableObjectAlarm(env.SPOOL.getByName(OUTAGE_WATCH));
    };
    await round();
    await round();
    comesBack();
    await round();
    await round();
    expect(await counts()).toEqual({ away: before.away + 1, back: before.back + 1 });
  });
});

describe("a row that cannot be stored", () => {
  const poison = () => aRow({ message: "not for a text column: \0" });

  it("is set aside when Postgres refuses it, announced, and delays none of the 1,000 behind it", async () => {
    const spool = aSpool();
    const first = poison();
    await spool.accept(first);
    const rows = Array.from({ length: 1_000 }, () => aRow());
    await runInDurableObject(spool, async (object: Spool) => {
      for (const row of rows) await object.accept(row);
    });
    await drain(spool);
    expect(await spool.stats()).toMatchObject({ depth: 0, setAside: 1 });
    expect(await spool.setAside(10)).toMatchObject([{ key: first.key, reason: "sqlstate_22021" }]);
    const events = await eventsIn("operations");
    expect(events).toContainEqual({
      type: "operations.row_set_aside",
      data: { id: `${spool.id}-1`, command: "inquiry.submit", reason: "sqlstate_22021" },
    });
  }, 60_000);

  it("steps aside for a while when only it fails, and is tried again", async () => {
    const spool = aSpool();
    const bad = aRow();
    let ill = true;
    failing("XX000", (statement) => ill && statement.includes(bad.key));
    const good = [aRow(), aRow(), aRow()];
    for (const row of [bad, ...good]) await spool.accept(row);
    await runDurableObjectAlarm(spool);
    for (const row of good) expect(await rowsUnder(row.key)).toHaveLength(1);
    expect(await spool.stats()).toMatchObject({ depth: 1, setAside: 0 });
    ill = false;
    await noLongerPostponed(spool);
    await runDurableObjectAlarm(spool);
    expect(await rowsUnder(bad.key)).toHaveLength(1);
  });

  it("is in nobody's way when it is the first, and not the only one", async () => {
    const spool = aSpool();
    const bad = [aRow(), aRow(), aRow()];
    failing("42703", (statement) => bad.some(({ key }) => statement.includes(key)));
    const good = [aRow(), aRow(), aRow()];
    for (const row of [...bad, ...good]) await spool.accept(row);
    await runDurableObjectAlarm(spool);
    for (const row of good) expect(await rowsUnder(row.key)).toHaveLength(1);
    expect(await spool.stats()).toMatchObject({ depth: 3, setAside: 0 });
  });

  it("is set aside when its key stands for other content by now", async () => {
    const spool = aSpool();
    const stored = aRow();
    await spool.accept(stored);
    await runDurableObjectAlarm(spool);
    const other = aRow({ submissionKey: stored.key, contentHash: "other" }, { key: stored.key });
    await spool.accept(other);
    await runDurableObjectAlarm(spool);
    expect(await spool.setAside(10)).toMatchObject([{ key: stored.key, reason: "conflict" }]);
  });

  it("is set aside when it cannot be read", async () => {
    const spool = aSpool();
    await spool.accept(aRow({ status: "UNHEARD_OF" }));
    await runDurableObjectAlarm(spool);
    expect(await spool.setAside(10)).toMatchObject([{ reason: "unreadable" }]);
  });

  it("waits when a newer Worker wrote it", async () => {
    const spool = aSpool();
    await spool.accept(aRow({}, { version: 99 }));
    await spool.accept(aRow({}, { command: "subscriber.teleport" }));
    await runDurableObjectAlarm(spool);
    expect(await spool.stats()).toMatchObject({ depth: 2, setAside: 0 });
  });

  it("does not hold up rows when its announcement cannot be made", async () => {
    const spool = aSpool();
    const row = aRow();
    await spool.accept(row);
    await runInDurableObject(spool, async (object: Spool) => {
      const real = Reflect.get(object, "env") as Env;
      const rooms = { getByName: () => ({ publish: () => Promise.reject(new Error("gone")) }) };
      Reflect.set(object, "env", { ...real, ROOMS: rooms });
      await object.alarm();
      Reflect.set(object, "env", real);
    });
    const [stored] = await rowsUnder(row.key);
    expect((await spool.stats()).depth).toBe(0);
    await runDurableObjectAlarm(spool);
    const events = await eventsIn("inquiries");
    expect(events.filter((event) => event.data.id === stored?.id)).toHaveLength(1);
  });
});

it("never throws from its alarm, whatever is wrong, and has another one set", async () => {
  const spool = aSpool();
  const row = aRow();
  await spool.accept(row);
  await runInDurableObject(spool, async (object: Spool, state) => {
    const real = Reflect.get(object, "env") as Env;
    Reflect.set(object, "env", { ...real, DATABASE_URL: "nonsense" });
    await state.storage.deleteAlarm();
    await object.alarm();
    expect(await state.storage.getAlarm()).toBeGreaterThan(Date.now());
    Reflect.set(object, "env", real);
  });
  await runDurableObjectAlarm(spool);
  expect(await rowsUnder(row.key)).toHaveLength(1);
});
