import { setTimeout as delay } from "node:timers/promises";
import {
  clock,
  cpuSeconds,
  type Figure,
  gather,
  percentile,
  publish,
  startRooms,
} from "./rooms-support.ts";

interface Sizes {
  readonly observers: number;
  readonly direct: number;
  readonly perRelay: number;
  readonly events: number;
}

/** One room, more observers than its object takes: are all told everything, in order? */
export async function measureRelays(sizes: Partial<Sizes> = {}): Promise<Figure[]> {
  const whole: Sizes = { observers: 5_000, direct: 1_000, perRelay: 1_000, events: 500, ...sizes };
  const { observers, direct, perRelay, events } = whole;
  const worker = await startRooms();
  const room = crypto.randomUUID();
  const query = `room=${room}&direct=${direct}&perRelay=${perRelay}`;
  const url = `${worker.url.replace("http", "ws")}/bench/observe?${query}`;
  const crowd = await gather({ kind: "rooms", url, observers });
  try {
    const answer = await fetch(`${worker.url}/bench/status?${query}`);
    const { relays } = (await answer.json()) as { relays: number };
    const before = cpuSeconds(worker.pid);
    for (let n = 1; n <= events; n += 10) {
      const group = Array.from({ length: 10 }, (_, i) => ({
        key: crypto.randomUUID(),
        data: { n: n + i, sentAt: clock() },
      }));
      await Promise.all([publish(worker.url, room, group), delay(200)]);
    }
    const report = await crowd.until(events);
    const used = cpuSeconds(worker.pid) - before;
    const { deliveries, outOfOrder, resumptions, latencies } = report;
    return [
      {
        name: "events missed or out of order by observers over relays",
        target: "0",
        value: observers * events - deliveries + outOfOrder,
        unit: "events",
        detail: `${observers} observers, ${relays} relays, ${events} events, ${deliveries} deliveries, ${resumptions} connections lost; median ${percentile(latencies, 0.5).toFixed(0)} ms, p99 ${percentile(latencies, 0.99).toFixed(0)} ms; ${((used / deliveries) * 1e6).toFixed(2)} CPU s per million deliveries`,
      },
    ];
  } finally {
    await crowd.stop();
    await worker.stop();
  }
}

if (import.meta.main) console.log(await measureRelays());
