import { describe, expect, inject, it } from "vitest";
import { createBreaker } from "../../src/breaker.ts";
import type { Check, Decision } from "../../src/limits/check.ts";
import type { Policy } from "../../src/limits/policies.ts";
import {
  createRedisGate,
  createRedisStore,
  createUsedUp,
  type RedisStore,
} from "../../src/limits/redis.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { watchNetwork } from "../support/worker/network.ts";

const log = createLogger({ level: "error" });

/** With time for a busy machine; the budget itself has a test of its own. */
function realStore(budgetMs = 10_000): RedisStore {
  const { UPSTASH_REDIS_REST_URL: url = "", UPSTASH_REDIS_REST_TOKEN: token = "" } =
    inject("workerBindings");
  return createRedisStore({ url, token, requestId: "test", budgetMs });
}

/** A gate of an isolate of its own, which has not heard of any counter yet. */
function aGate(options: { store?: RedisStore; failures?: number; now?: () => number } = {}) {
  const { store = realStore(), failures = 3, now = Date.now } = options;
  const afterwards: (() => Promise<void>)[] = [];
  const breaker = createBreaker({ failures, pauseMs: 2_000, now });
  const usedUp = createUsedUp();
  const after = (work: () => Promise<void>) => void afterwards.push(work);
  return { ...createRedisGate({ store, breaker, usedUp, log, now, after }), breaker, afterwards };
}

const policy = (changes: Partial<Policy> = {}): Policy => ({
  name: "five",
  by: "client",
  quota: 5,
  windowSeconds: 60,
  ...changes,
});

const newKey = () => `test:${crypto.randomUUID()}`;

describe("the gate in Redis", () => {
  it("accepts exactly the quota from eight isolates at once, again and again", async () => {
    const checks: Check[] = [{ policy: policy(), key: newKey() }];
    const decisions: (Decision | undefined)[] = [];
    for (let round = 0; round < 12; round += 1) {
      const at = Array.from({ length: 8 }, () => aGate().check(checks));
      decisions.push(...(await Promise.all(at)));
    }
    expect(decisions.filter((decision) => decision?.allowed)).toHaveLength(5);
  });

  it("holds in every window, wherever it begins", async () => {
    const checks: Check[] = [{ policy: policy({ windowSeconds: 1 }), key: newKey() }];
    const accepted: { asked: number; answered: number }[] = [];
    const end = Date.now() + 3_500;
    while (Date.now() < end) {
      const asked = Date.now();
      const decision = await aGate().check(checks);
      if (decision?.allowed) accepted.push({ asked, answered: Date.now() });
      else await scheduler.wait(3);
    }
    expect(accepted.length).toBeGreaterThanOrEqual(15);
    expect(accepted.length).toBeLessThanOrEqual(20);
    // Redis counted each between its asking and its answer, however long a machine lingers there.
    for (const [index, { asked }] of accepted.entries()) {
      const sixth = accepted[index + 5];
      if (sixth !== undefined) expect(sixth.answered - asked).toBeGreaterThanOrEqual(999);
    }
  });

  it("charges every counter or none", async () => {
    const ceiling: Check = { policy: policy({ name: "all", quota: 7 }), key: newKey() };
    const of = (key: string): Check[] => [{ policy: policy(), key }, ceiling];
    const [a, b] = [newKey(), newKey()];
    const accepted = async (checks: Check[], attempts: number) => {
      let count = 0;
      for (let n = 0; n < attempts; n += 1) if ((await aGate().check(checks))?.allowed) count += 1;
      return count;
    };
    expect(await accepted(of(a), 8)).toBe(5);
    expect(await accepted(of(b), 8)).toBe(2);
    // What the ceiling refused was not taken from the client.
    expect(await accepted([{ policy: policy(), key: b }], 8)).toBe(3);
  });

  it("looks at one counter through several windows", async () => {
    const key = newKey();
    const checks: Check[] = [
      { policy: policy({ name: "second", quota: 3, windowSeconds: 1 }), key },
      { policy: policy({ name: "minute", quota: 4 }), key },
    ];
    const gate = aGate();
    const states = [];
    for (let n = 0; n < 4; n += 1) states.push(await gate.check(checks));
    expect(states.map((state) => state?.states.map(({ remaining }) => remaining))).toEqual([
      [2, 3],
      [1, 2],
      [0, 1],
      [0, 1],
    ]);
    expect(states[3]?.violated.map((state) => state.policy.name)).toEqual(["second"]);
    expect(states[3]?.violated[0]?.resetMs).toBeLessThanOrEqual(1000);
    await expect
      .poll(async () => (await aGate().check(checks))?.allowed, { timeout: 10_000, interval: 50 })
      .toBe(true);
    const last = await aGate().check(checks);
    expect(last?.violated.map((state) => state.policy.name)).toEqual(["minute"]);
  });

  it("gives every key an end, no later than its longest window", async () => {
    const [client, all] = [newKey(), newKey()];
    await aGate().check([
      { policy: policy(), key: client },
      { policy: policy({ name: "hour", windowSeconds: 3600 }), key: client },
      { policy: policy({ name: "all" }), key: all },
    ]);
    const life = (key: string) => realStore().eval("return redis.call('PTTL', KEYS[1])", [key], []);
    expect(await life(client)).toSatisfy((ms: number) => ms > 3_590_000 && ms <= 3_600_000);
    expect(await life(all)).toSatisfy((ms: number) => ms > 50_000 && ms <= 60_000);
  });

  it("keeps no more times than the largest quota", async () => {
    const key = newKey();
    const past = Array.from({ length: 20 }, (_, n) => n);
    await realStore().eval("return redis.call('LPUSH', KEYS[1], unpack(ARGV))", [key], past);
    expect(await aGate().check([{ policy: policy(), key }])).toMatchObject({ allowed: true });
    expect(await realStore().eval("return redis.call('LLEN', KEYS[1])", [key], [])).toBe(5);
  });

  it("asks once, with one EVAL that carries the request's id", async () => {
    const calls = watchNetwork();
    await aGate().check([{ policy: policy(), key: newKey() }]);
    expect(calls).toHaveLength(1);
    expect(calls[0]?.headers.get("x-request-id")).toBe("test");
    expect(await calls[0]?.json()).toEqual([
      "eval",
      expect.any(String),
      1,
      ...Array(4).fill(expect.anything()),
    ]);
  });

  it("remembers what is used up until its oldest request leaves, without asking", async () => {
    let time = Date.now();
    const gate = aGate({ now: () => time });
    const checks: Check[] = [{ policy: policy(), key: newKey() }];
    for (let n = 0; n < 6; n += 1) await gate.check(checks);
    const calls = watchNetwork();
    const refused = await gate.check(checks);
    expect([refused?.allowed, calls.length]).toEqual([false, 0]);
    time += 60_001;
    await gate.check(checks);
    expect(calls).toHaveLength(1);
  });
});

describe("a Redis that is away", () => {
  it("does not free those whom it had refused", async () => {
    const used = checks();
    const gate = aGate();
    for (let n = 0; n < 6; n += 1) await gate.check(used);
    for (let n = 0; n < 3; n += 1) gate.breaker.failed();
    expect(await gate.check(used)).toMatchObject({ allowed: false });
    expect(await gate.check(checks())).toBeUndefined();
  });

  const checks = (): Check[] => [{ policy: policy(), key: newKey() }];

  it.each<[string, () => Response | Promise<Response>]>([
    ["refuses connections", () => Promise.reject(new TypeError("fetch failed"))],
    ["answers 503", () => Response.json({ error: "ERR away" }, { status: 503 })],
    ["answers a page", () => new Response("<html>", { status: 502 })],
    ["answers something else", () => Response.json({ result: "T0s=" })],
    ["answers an error", () => Response.json({ error: "LOADING" })],
  ])("is asked once a request when it %s, and not at all after three", async (_, answer) => {
    const calls = watchNetwork(answer);
    const gate = aGate();
    for (let n = 1; n <= 6; n += 1) {
      expect(await gate.check(checks())).toBeUndefined();
      expect(calls).toHaveLength(Math.min(n, 3));
    }
    expect(gate.breaker.open).toBe(true);
  });

  it("costs nobody more than the budget when it does not answer", async () => {
    watchNetwork((request) => {
      return new Promise((_, reject) => {
        request.signal.addEventListener("abort", () => reject(request.signal.reason));
      });
    });
    const start = performance.now();
    expect(await aGate({ store: realStore(250) }).check(checks())).toBeUndefined();
    const took = performance.now() - start;
    expect(took).toBeGreaterThan(200);
    expect(took).toBeLessThan(2_000);
  });

  it("is asked again after the answer, by one request each pause, and then used again", async () => {
    let time = Date.now();
    let away = true;
    const store = realStore();
    const gate = aGate({
      now: () => time,
      store: {
        eval: (...call) => (away ? Promise.reject(new Error("away")) : store.eval(...call)),
        ping: () => (away ? Promise.reject(new Error("away")) : store.ping()),
      },
    });
    for (let n = 0; n < 3; n += 1) await gate.check(checks());
    await gate.check(checks());
    expect(gate.afterwards).toHaveLength(0);
    time += 2_001;
    for (let n = 0; n < 5; n += 1) expect(await gate.check(checks())).toBeUndefined();
    expect(gate.afterwards).toHaveLength(1);
    await gate.afterwards.pop()?.();
    expect(gate.breaker.open).toBe(true);
    away = false;
    time += 2_001;
    expect(await gate.check(checks())).toBeUndefined();
    await gate.afterwards.pop()?.();
    expect(await gate.check(checks())).toMatchObject({ allowed: true });
  });
});
