import { evictDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { pingHubs, readTotals, sendBatch, shardOf } from "../../src/telemetry/hub-client.ts";
import { type Batch, createRecorder } from "../../src/telemetry/metrics.ts";

const FROM = { requestId: "test" };
const aHub = () => env.METRICS.getByName(crypto.randomUUID());

function aBatch(sequence: number, value = 1, source = "a"): Batch {
  return {
    v: 1,
    source,
    sequence,
    samples: [["outreach_submissions_total", 'outcome="stored"', "", value]],
  };
}

describe("the hub", () => {
  it("adds up what isolates hand over", async () => {
    const hub = aHub();
    await hub.add(aBatch(1, 2, "a"));
    await hub.add(aBatch(1, 3, "b"));
    await hub.add(aBatch(2, 5, "a"));
    expect(await hub.totals()).toEqual([
      ["outreach_submissions_total", 'outcome="stored"', "", 10],
    ]);
  });

  it("counts a batch once, however often and however late it arrives", async () => {
    const hub = aHub();
    expect(await hub.add(aBatch(1))).toBe(true);
    expect(await hub.add(aBatch(1))).toBe(false);
    expect(await hub.add(aBatch(2))).toBe(true);
    expect(await hub.add(aBatch(1))).toBe(false);
    expect((await hub.totals())[0]?.[3]).toBe(2);
  });

  it("keeps totals and numbers across an eviction", async () => {
    const hub = aHub();
    await hub.add(aBatch(1, 7));
    await evictDurableObject(hub);
    expect(await hub.add(aBatch(1, 7))).toBe(false);
    expect((await hub.totals())[0]?.[3]).toBe(7);
  });
});

describe("many isolates over all shards", () => {
  it("make totals that equal what each counted, with calls lost, repeated and hubs evicted", async () => {
    const isolates = Array.from({ length: 24 }, () => {
      const source = crypto.randomUUID();
      return { source, recorder: createRecorder({ source, wait: instantly }) };
    });
    const before = await storedTotal();
    let counted = 0;
    let calls = 0;
    const send = async (batch: Batch) => {
      calls += 1;
      if (calls % 7 === 0) throw new Error("lost on the way");
      await sendBatch(env.METRICS, batch, FROM);
      if (calls % 5 === 0) throw new Error("the answer is lost");
    };
    let seen = before;
    for (let round = 0; round < 10; round += 1) {
      for (const { recorder } of isolates) {
        const by = 1 + ((round * 13) % 4);
        recorder.count("outreach_submissions_total", { outcome: "stored" }, by);
        counted += by;
        await recorder.claimFlush(send, () => {})?.();
      }
      if (round % 3 === 0) await evictDurableObject(env.METRICS.getByName("metrics-0"));
      const now = await storedTotal();
      expect(now).toBeGreaterThanOrEqual(seen);
      seen = now;
    }
    for (const { recorder } of isolates) {
      await recorder.claimFlush(
        (batch) => sendBatch(env.METRICS, batch, FROM),
        () => {},
      )?.();
    }
    expect((await storedTotal()) - before).toBe(counted);
    expect(new Set(isolates.map(({ source }) => shardOf(source))).size).toBeGreaterThan(1);
  });

  it("are all asked by a probe", async () => {
    await expect(pingHubs(env.METRICS, FROM)).resolves.toBeUndefined();
  });
});

/** Waits for nothing but a turn; time-outs never come. */
function instantly(milliseconds: number): Promise<unknown> {
  return milliseconds === 3_000 ? new Promise(() => {}) : Promise.resolve();
}

async function storedTotal(): Promise<number> {
  const samples = await readTotals(env.METRICS, FROM);
  return samples
    .filter(([family, labels]) => `${family}{${labels}}` === STORED)
    .reduce((sum, [, , , value]) => sum + value, 0);
}

const STORED = 'outreach_submissions_total{outcome="stored"}';
