import { setTimeout as delay } from "node:timers/promises";
import type { Figure } from "./figure.ts";
import {
  type CrowdReport,
  clock,
  gather,
  percentile,
  publish,
  startRooms,
} from "./rooms-support.ts";
import { cpuSeconds } from "./usage.ts";

interface Sizes {
  readonly observers: number;
  readonly direct: number;
  readonly perRelay: number;
  readonly events: number;
}

const WHOLE: Sizes = { observers: 5_000, direct: 1_000, perRelay: 1_000, events: 500 };

export const figure: Figure = {
  title: "One room with more observers than its object takes",
  how: `${WHOLE.observers.toLocaleString("en")} observers, ${WHOLE.direct.toLocaleString("en")} for the room's object and as many for each relay, in \`workerd serve\`; ${WHOLE.events} events, ten every 200 ms. One run.`,
  async measure() {
    const { relays, cpu, report } = await runRelays(WHOLE);
    const { deliveries, outOfOrder, resumptions, latencies } = report;
    return [
      {
        what: "events missed or out of order",
        unit: "",
        runs: [WHOLE.observers * WHOLE.events - deliveries + outOfOrder],
        target: { atMost: 0 },
        note: `${relays} relays, ${deliveries} deliveries, ${resumptions} connections lost`,
      },
      { what: "median to each observer", unit: "ms", runs: [percentile(latencies, 0.5)] },
      { what: "p99 to each observer", unit: "ms", runs: [percentile(latencies, 0.99)] },
      { what: "CPU per million delivered", unit: "s", runs: [(cpu / deliveries) * 1e6] },
    ];
  },
};

/** Are all told everything, in order? */
export async function runRelays(
  sizes: Sizes,
): Promise<{ relays: number; cpu: number; report: CrowdReport }> {
  const { observers, direct, perRelay, events } = sizes;
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
    return { relays, cpu: cpuSeconds(worker.pid) - before, report };
  } finally {
    await crowd.stop();
    await worker.stop();
  }
}
