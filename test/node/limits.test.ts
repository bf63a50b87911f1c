import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  countOutcomes,
  keepSending,
  type LimitsWorld,
  nextAddress,
  startLimitsWorld,
} from "../support/limits-world.ts";
import { findRedis, laneAvailable } from "../support/servers.ts";

describe.runIf(laneAvailable("redis", findRedis()))("the limits of the built Worker", () => {
  let world: LimitsWorld;

  beforeAll(async () => {
    world = await startLimitsWorld({ connections: 8, floodCeiling: 1_000_000 });
  }, 120_000);
  afterAll(() => world.stop());

  const burst = async (clients: readonly string[], headers?: (n: number) => object) =>
    countOutcomes(
      await Promise.all(clients.map((client, n) => world.submit(client, { ...headers?.(n) }))),
    );
  /** Within a minute of the first one. A slow machine may take longer, and then one more is due. */
  const five = { least: 5, most: 6 };

  it("accept five of 5,000 from one client over 8 connections, whatever X-Forwarded-For says", async () => {
    const client = nextAddress();
    const counts = await burst(Array(5000).fill(client), (n) => ({
      "x-forwarded-for": `203.0.113.${n % 256}`,
    }));
    expect(counts["accepted"]).toBeGreaterThanOrEqual(five.least);
    expect(counts["accepted"]).toBeLessThanOrEqual(five.most);
    expect((counts["accepted"] ?? 0) + (counts["refused"] ?? 0)).toBe(5000);
  }, 60_000);

  it("count 1,000 addresses of one /64 as that one client", async () => {
    const network = `2001:db8:${(process.pid & 0xffff).toString(16)}:1`;
    const clients = Array.from({ length: 1000 }, (_, n) => `${network}::${n.toString(16)}`);
    const counts = await burst(clients);
    expect(counts["accepted"]).toBeGreaterThanOrEqual(five.least);
    expect(counts["accepted"]).toBeLessThanOrEqual(five.most);
    expect((counts["accepted"] ?? 0) + (counts["refused"] ?? 0)).toBe(1000);
  }, 60_000);

  it("refuse nobody of 200 clients who send three each", async () => {
    const clients = Array.from({ length: 200 }, nextAddress);
    expect(await burst(clients.flatMap((client) => Array(3).fill(client)))).toEqual({
      accepted: 600,
    });
  }, 60_000);

  it.each<[string, () => Promise<void>, () => Promise<void>]>([
    ["is killed", () => world.redis.kill(), () => world.redis.start()],
    ["stands still", async () => world.redis.pause(), async () => world.redis.resume()],
  ])(
    "stay when Redis %s under load, and are exact again soon after",
    async (_, away, back) => {
      const load = keepSending(world, { lanes: 4, milliseconds: 3_000 });
      await away();
      const flooder = nextAddress();
      const flood = await burst(Array(200).fill(flooder));
      const answers = countOutcomes(await load);
      await back();
      await expect
        .poll(() =>
          world.emptyRedis().then(
            () => true,
            () => false,
          ),
        )
        .toBe(true);
      // Everybody in the load is a client of its own, so nobody is refused, and nothing breaks.
      expect(Object.keys(answers)).toEqual(["accepted"]);
      expect(Object.keys(flood).sort()).toEqual(["accepted", "refused"]);
      expect(flood["accepted"]).toBeLessThanOrEqual(10);
      await expect
        .poll(
          async () => {
            // No header tells which gate decided, but what Redis decides leaves a counter there.
            await world.submit(nextAddress());
            return world.countersInRedis();
          },
          { timeout: 10_000, interval: 250 },
        )
        .toBeGreaterThan(0);
      const counts = await burst(Array(100).fill(nextAddress()));
      expect(counts).toEqual({ accepted: 5, refused: 95 });
    },
    60_000,
  );
});
