import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { countGaps } from "../../bench/rooms-gapfree.figure.ts";
import { runRelays } from "../../bench/rooms-relays.figure.ts";
import { runSlowReader } from "../../bench/rooms-slow-reader.figure.ts";
import { startRooms } from "../../bench/rooms-support.ts";

/** The measurements of bench/ in small, on workerd itself: what has to hold at any size. */
describe("rooms in workerd", { timeout: 120_000 }, () => {
  it("lose, repeat and reorder nothing while clients are cut off, the room is evicted and the server is killed", async () => {
    const cuts = { cuts: 6, kills: 1, evictions: 2, hibernations: 2 };
    const tally = await countGaps({ events: 300, clients: 4, ...cuts, seconds: 4 });
    expect(tally).toMatchObject({ missed: 0, outOfOrder: 0, repeated: 0, reloads: 0 });
  });

  it("tell everyone everything over relays", async () => {
    const sizes = { observers: 60, direct: 20, perRelay: 20, events: 100 };
    const { relays, report } = await runRelays(sizes);
    expect(relays).toBe(2);
    expect(report).toMatchObject({ deliveries: 6_000, outOfOrder: 0 });
  });

  it("close an observer that has stopped reading with 4008, and nobody else", async () => {
    const seen = await runSlowReader({ others: 5, events: 1_300, size: 3_000 });
    expect(seen.code).toBe(4008);
    expect(seen.wentOn).toBe(seen.got + 1);
    expect(seen.beside).toMatchObject({ deliveries: 6_500, outOfOrder: 0, resumptions: 0 });
  });

  it("do not compress, though the client offers it", async () => {
    const worker = await startRooms();
    try {
      const url = `${worker.url.replace("http", "ws")}/bench/observe?room=uncompressed`;
      const socket = new WebSocket(url, { perMessageDeflate: true });
      await once(socket, "open");
      expect(socket.extensions).toBe("");
      socket.terminate();
    } finally {
      await worker.stop();
    }
  });
});
