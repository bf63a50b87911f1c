import { describe, expect, inject, it } from "vitest";
import { createBreaker } from "../../src/breaker.ts";
import {
  createFloodMemory,
  createFloodWatch,
  createLocalFloodLedger,
  type FloodLedger,
} from "../../src/limits/flood.ts";
import { createRedisFloodLedger, createRedisStore } from "../../src/limits/redis.ts";
import { anAddress } from "../support/worker/address.ts";
import { appWith } from "../support/worker/own-app.ts";

function redisLedger(otherwise: FloodLedger): FloodLedger {
  const { UPSTASH_REDIS_REST_URL: url = "", UPSTASH_REDIS_REST_TOKEN: token = "" } =
    inject("workerBindings");
  const store = createRedisStore({ url, token, requestId: "test", budgetMs: 10_000 });
  const breaker = createBreaker({ failures: 3, pauseMs: 1_000 });
  return createRedisFloodLedger({ store, breaker, otherwise });
}

/** An isolate with a clock and time-outs of the test's own. */
function anIsolate(ledger: FloodLedger, clock: { time: number }) {
  const memory = createFloodMemory();
  const work: (() => Promise<void>)[] = [];
  const waiting: { until: number; resolve: () => void }[] = [];
  const announced: string[] = [];
  const watch = createFloodWatch({
    memory,
    ledger,
    now: () => clock.time,
    wait: (ms) => new Promise((resolve) => void waiting.push({ until: clock.time + ms, resolve })),
    after: (each) => void work.push(each),
    announce: (route, change) => void announced.push(`${route} ${change}`),
  });
  /** Ends every wait that is due. */
  const release = () => {
    for (const each of waiting.splice(0)) {
      if (each.until <= clock.time) each.resolve();
      else waiting.push(each);
    }
  };
  return {
    refused: (route: string, times: number) => {
      for (let n = 0; n < times; n += 1) watch.refused(route);
      for (const each of work.splice(0)) void each();
    },
    release,
    /** Lets everything happen that waited for a time before now. */
    async settle() {
      for (let step = 0; step < 50; step += 1) {
        await Promise.resolve();
        release();
      }
    },
    announced,
  };
}

describe("a flood in one isolate", () => {
  it("is announced once when 300 were refused within a minute, and once when it is over", async () => {
    const clock = { time: 1_000_000_000 };
    const isolate = anIsolate(createLocalFloodLedger({ now: () => clock.time }), clock);
    isolate.refused("submit", 299);
    clock.time += 1_000;
    await isolate.settle();
    expect(isolate.announced).toEqual([]);
    for (let second = 0; second < 40; second += 1) {
      isolate.refused("submit", 20);
      clock.time += 1_000;
      await isolate.settle();
    }
    expect(isolate.announced).toEqual(["submit started"]);
    for (let second = 0; second < 60; second += 1) {
      clock.time += 1_000;
      await isolate.settle();
    }
    expect(isolate.announced).toEqual(["submit started", "submit ended"]);
  });

  it("is not what trickles", async () => {
    const clock = { time: 1_000_000_000 };
    const isolate = anIsolate(createLocalFloodLedger({ now: () => clock.time }), clock);
    for (let second = 0; second < 120; second += 1) {
      isolate.refused("submit", 4);
      clock.time += 1_000;
      await isolate.settle();
    }
    expect(isolate.announced).toEqual([]);
  });

  it("can come again, and to each route by itself", async () => {
    const clock = { time: 1_000_000_000 };
    const isolate = anIsolate(createLocalFloodLedger({ now: () => clock.time }), clock);
    for (let time = 0; time < 2; time += 1) {
      isolate.refused("submit", 400);
      isolate.refused("subscribe", 100);
      for (let second = 0; second < 90; second += 1) {
        clock.time += 1_000;
        await isolate.settle();
      }
    }
    expect(isolate.announced).toEqual([
      "submit started",
      "submit ended",
      "submit started",
      "submit ended",
    ]);
  });
});

describe("a flood over many isolates", () => {
  it("is announced once by all of them together", async () => {
    const clock = { time: Date.now() };
    const route = `test-${crypto.randomUUID()}`;
    let told = 0;
    const isolates = Array.from({ length: 10 }, () => {
      const ledger = redisLedger(createLocalFloodLedger({ now: () => clock.time }));
      const add: FloodLedger["add"] = async (...refused) => {
        const state = await ledger.add(...refused);
        told += 1;
        return state;
      };
      return anIsolate({ add }, clock);
    });
    for (const isolate of isolates) isolate.refused(route, 50);
    clock.time += 1_000;
    const reports = () => {
      for (const isolate of isolates) isolate.release();
      return told;
    };
    await expect.poll(reports, { interval: 5, timeout: 10_000 }).toBeGreaterThanOrEqual(10);
    expect(isolates.flatMap((isolate) => isolate.announced)).toEqual([`${route} started`]);
  });

  it("is over for all of them at once", async () => {
    const route = `test-${crypto.randomUUID()}`;
    const { UPSTASH_REDIS_REST_URL: url = "", UPSTASH_REDIS_REST_TOKEN: token = "" } =
      inject("workerBindings");
    const store = createRedisStore({ url, token, requestId: "test", budgetMs: 10_000 });
    const ledgers = Array.from({ length: 10 }, () =>
      redisLedger(createLocalFloodLedger({ now: Date.now })),
    );
    expect(await ledgers[0]?.add(route, 400)).toMatchObject({ change: "started", flooding: true });
    expect(await ledgers[1]?.add(route, 10)).toMatchObject({ change: undefined, flooding: true });
    // As if the refusals had been half a minute ago.
    await store.eval(
      `local all = redis.call('HGETALL', KEYS[1]) redis.call('DEL', KEYS[1])
      for i = 1, #all, 2 do redis.call('HSET', KEYS[1], all[i] - 3, all[i + 1]) end`,
      [`outreach:refused:${route}`],
      [],
    );
    const looks = await Promise.all(ledgers.map((ledger) => ledger.add(route, 0)));
    expect(looks.map(({ change }) => change).filter(Boolean)).toEqual(["ended"]);
    expect(await ledgers[0]?.add(route, 10)).toMatchObject({ flooding: false });
  });
});

describe("several hundred refused submissions", () => {
  it("tell the operations room once", async () => {
    const rooms: { room: string; types: string[] }[] = [];
    const noting = {
      getByName: (room: string) => ({
        publish: async (events: { type: string }[]) =>
          void rooms.push({ room, types: events.map(({ type }) => type) }),
      }),
    };
    const app = appWith({
      ROOMS: noting,
      EDGE_LIMIT: { limit: async () => ({ success: false }) },
      UPSTASH_REDIS_REST_URL: "",
      UPSTASH_REDIS_REST_TOKEN: "",
    });
    const burst = Array.from({ length: 400 }, () =>
      app.call("/inquiries/submit", {
        method: "POST",
        headers: { "content-type": "application/json", "cf-connecting-ip": anAddress() },
        body: "{}",
      }),
    );
    await Promise.all(burst);
    await expect.poll(() => rooms).toHaveLength(1);
    expect(rooms).toEqual([{ room: "operations", types: ["operations.flood_started"] }]);
  });
});
