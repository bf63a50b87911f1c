import { setTimeout as delay } from "node:timers/promises";
import { startSocketIo } from "./peers/socket-io.ts";
import {
  clock,
  cpuSeconds,
  type Figure,
  gather,
  median,
  percentile,
  publish,
  spread,
  startRooms,
} from "./rooms-support.ts";

const OBSERVERS = 200;
const WARM_UP = 200;

interface Run {
  /** Server CPU seconds per million events delivered. */
  readonly cpu: number;
  readonly eventsPerFrame: number;
  /** 99th percentile of the time to each of the observers, of single events while idle. Milliseconds. */
  readonly idleP99: number;
  readonly idleMedian: number;
}

interface Sizes {
  readonly runs: number;
  /** Events of the burst, and how many come in 10 ms. */
  readonly events: number;
  readonly per10ms: number;
  readonly singles: number;
}

/**
 * The same events, at the same times, to 200 observers: a room against Socket.IO with a Redis emitter.
 * Runs alternate; CPU is that of the server process alone (Redis is not counted).
 */
export async function measureBurst(sizes: Partial<Sizes> = {}): Promise<Figure[]> {
  const whole: Sizes = { runs: 5, events: 2_000, per10ms: 10, singles: 200, ...sizes };
  const ours: Run[] = [];
  const theirs: Run[] = [];
  for (let run = 0; run < whole.runs; run += 1) {
    ours.push(await runOurs(whole));
    theirs.push(await runTheirs(whole));
  }
  const of = (runs: Run[], key: keyof Run) => runs.map((run) => run[key]);
  const burst = `${whole.events} events at ${whole.per10ms * 100}/s, ${OBSERVERS} observers, ${whole.runs} alternating runs`;
  return [
    {
      name: "server CPU per million events delivered in a burst, ours : Socket.IO with Redis emitter",
      target: "≤ 0.15",
      value: median(of(ours, "cpu")) / median(of(theirs, "cpu")),
      unit: "ratio",
      detail: `CPU seconds per million: ours ${spread(of(ours, "cpu"))}, theirs ${spread(of(theirs, "cpu"))}; ours ${spread(of(ours, "eventsPerFrame"), 1)} events a frame; ${burst}`,
    },
    {
      name: "a single event while idle, p99 to 200 observers, ours : Socket.IO",
      target: "≤ 1.2",
      value: median(of(ours, "idleP99")) / median(of(theirs, "idleP99")),
      unit: "ratio",
      detail: `p99 in ms: ours ${spread(of(ours, "idleP99"))}, theirs ${spread(of(theirs, "idleP99"))}; medians ${spread(of(ours, "idleMedian"))} and ${spread(of(theirs, "idleMedian"))}; ${whole.singles} events, 110 ms apart`,
    },
  ];
}

async function runOurs(sizes: Sizes): Promise<Run> {
  const worker = await startRooms();
  const room = crypto.randomUUID();
  const url = `${worker.url.replace("http", "ws")}/bench/observe?room=${room}`;
  try {
    return await measure(sizes, worker.pid, { kind: "rooms", url }, (happenings) =>
      publish(
        worker.url,
        room,
        happenings.map((data) => ({ key: crypto.randomUUID(), data })),
      ),
    );
  } finally {
    await worker.stop();
  }
}

async function runTheirs(sizes: Sizes): Promise<Run> {
  const peer = await startSocketIo();
  try {
    return await measure(sizes, peer.pid, { kind: "socket-io", url: peer.url }, async (all) => {
      for (const data of all) peer.emit(data);
    });
  } finally {
    await peer.stop();
  }
}

async function measure(
  { events, per10ms, singles }: Sizes,
  pid: number,
  server: { kind: "rooms" | "socket-io"; url: string },
  send: (happenings: { n: number; sentAt?: number; text: string }[]) => Promise<void>,
): Promise<Run> {
  const crowd = await gather({ ...server, observers: OBSERVERS });
  let n = 0;
  const text = "Do you deliver to the Isle of Wight? ".repeat(8);
  const some = (count: number) => Array.from({ length: count }, () => ({ n: ++n, text }));
  const burst = async (count: number) => {
    const sent: Promise<void>[] = [];
    const start = clock();
    for (let step = 1; step <= count / per10ms; step += 1) {
      sent.push(send(some(per10ms)));
      await delay(Math.max(0, start + step * 10 - clock()));
    }
    await Promise.all(sent);
    return crowd.until(n);
  };
  try {
    await burst(WARM_UP);
    for (let i = 0; i < singles; i += 1) {
      await send([{ n: ++n, sentAt: clock(), text }]);
      await delay(110);
    }
    const { latencies } = await crowd.until(n);
    const before = cpuSeconds(pid);
    const { deliveries, frames, outOfOrder } = await burst(events);
    const used = cpuSeconds(pid) - before;
    if (outOfOrder > 0) throw new Error(`${outOfOrder} deliveries out of order`);
    return {
      cpu: (used / deliveries) * 1_000_000,
      eventsPerFrame: deliveries / frames,
      idleP99: percentile(latencies, 0.99),
      idleMedian: percentile(latencies, 0.5),
    };
  } finally {
    await crowd.stop();
  }
}

if (import.meta.main) console.log(await measureBurst({ runs: Number(process.argv[2] ?? 5) }));
