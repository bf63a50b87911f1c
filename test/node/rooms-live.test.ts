import { describe, expect, it } from "vitest";
import { countGaps } from "../../bench/rooms-gapfree.ts";
import { measureRelays } from "../../bench/rooms-relays.ts";
import { measureSlowReader } from "../../bench/rooms-slow-reader.ts";

/** The measurements of bench/ in small, on workerd itself: what has to hold at any size. */
describe("rooms in workerd", { timeout: 120_000 }, () => {
  it("lose, repeat and reorder nothing while clients are cut off and the server is killed", async () => {
    const tally = await countGaps({ events: 300, clients: 4, cuts: 4, kills: 1, seconds: 4 });
    expect(tally).toEqual({ missed: 0, outOfOrder: 0, repeated: 0, reloads: 0 });
  });

  it("tell everyone everything over relays", async () => {
    const [figure] = await measureRelays({ observers: 60, direct: 20, perRelay: 20, events: 100 });
    expect(figure).toMatchObject({ value: 0, detail: expect.stringContaining("2 relays") });
  });

  it("close an observer that has stopped reading with 4008, and nobody else", async () => {
    const [, code] = await measureSlowReader({ others: 5, events: 1_300, size: 3_000 });
    expect(code).toMatchObject({ value: 4008 });
    expect(code?.detail).toContain("6500 deliveries, 0 out of order, 0 connections lost");
  });
});
