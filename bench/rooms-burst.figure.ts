import { setTimeout as delay } from "node:timers/promises";
import { type Figure, inTurn, type Row, RUNS, ratios } from "./figure.ts";
import { startSocketIo } from "./peers/socket-io.ts";
import { clock, gather, percentile, publish, startRooms } from "./rooms-support.ts";
import { cpuSeconds } from "./usage.ts";

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

/** A burst: how many events, how many come at a time, and how often. */
interface Load {
  readonly name: string;
  readonly events: number;
  readonly atOnce: number;
  readonly everyMs: number;
  /** Published by one call, as a bulk triage does, or each by its own, as submissions are. */
  readonly together: boolean;
}

const LOADS: readonly Load[] = [
  { name: "50 at a time", events: 2_000, atOnce: 50, everyMs: 100, together: true },
  { name: "one by one, 100 a second", events: 1_000, atOnce: 1, everyMs: 10, together: false },
];

const SINGLES = 100;

export const figure: Figure = {
  title: "Live events to 200 observers, ours : Socket.IO with Redis emitter",
  how: `The same events at the same times, in turn; server and observers on cores of their own, and Redis on the observers'. CPU is that of the server process. Idle: ${SINGLES} single events, 110 ms apart, to each of the ${OBSERVERS}.`,
  async measure() {
    const rows: Row[] = [];
    for (const load of LOADS) {
      const { ours, theirs } = await inTurn(
        RUNS,
        () => runOurs(load),
        () => runTheirs(load),
      );
      const of = (runs: Run[], key: keyof Run) => runs.map((run) => run[key]);
      const compare = (what: string, key: keyof Run, unit: string, atMost: number): Row[] => [
        {
          what: `${what}, ours : theirs`,
          unit: "",
          runs: ratios(of(ours, key), of(theirs, key)),
          target: { atMost },
        },
        { what: `${what}, ours`, unit, runs: of(ours, key) },
        { what: `${what}, theirs`, unit, runs: of(theirs, key) },
      ];
      rows.push(
        ...compare(`${load.name}: CPU per million delivered`, "cpu", "s", 0.15),
        { what: `${load.name}: events a frame`, unit: "", runs: of(ours, "eventsPerFrame") },
        ...compare(`idle, p99 (${load.name})`, "idleP99", "ms", 1.2),
        { what: `idle, median (${load.name}), ours`, unit: "ms", runs: of(ours, "idleMedian") },
        { what: `idle, median (${load.name}), theirs`, unit: "ms", runs: of(theirs, "idleMedian") },
      );
    }
    return rows;
  },
};

async function runOurs(load: Load): Promise<Run> {
  const worker = await startRooms();
  const room = crypto.randomUUID();
  const url = `${worker.url.replace("http", "ws")}/bench/observe?room=${room}`;
  try {
    return await measure(load, worker.pid, { kind: "rooms", url }, (happenings) =>
      publish(
        worker.url,
        room,
        happenings.map((data) => ({ key: crypto.randomUUID(), data })),
        load,
      ),
    );
  } finally {
    await worker.stop();
  }
}

async function runTheirs(load: Load): Promise<Run> {
  const peer = await startSocketIo();
  try {
    return await measure(load, peer.pid, { kind: "socket-io", url: peer.url }, async (all) => {
      for (const data of all) peer.emit(data);
    });
  } finally {
    await peer.stop();
  }
}

async function measure(
  { events, atOnce, everyMs }: Load,
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
    for (let step = 1; step <= count / atOnce; step += 1) {
      sent.push(send(some(atOnce)));
      await delay(Math.max(0, start + step * everyMs - clock()));
    }
    await Promise.all(sent);
    return crowd.until(n);
  };
  try {
    await burst(WARM_UP);
    for (let i = 0; i < SINGLES; i += 1) {
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
