import { setTimeout as delay } from "node:timers/promises";
import type { Burst } from "./burst.ts";
import { type Figure, inTurn, type Row, RUNS, ratios } from "./figure.ts";
import { startSocketIo } from "./peers/socket-io.ts";
import { burst, type Crowd, clock, gather, percentile, startRooms } from "./rooms-support.ts";
import { cpuSeconds } from "./usage.ts";

const OBSERVERS = 200;
const TEXT = "Do you deliver to the Isle of Wight? ".repeat(8);

type Load = Omit<Burst, "n" | "text">;

const WARM_UP: Load = { steps: 100, atOnce: 20, everyMs: 20, together: false };
const SINGLES: Load = { steps: 100, atOnce: 1, everyMs: 110, together: false };
const BURSTS: Readonly<Record<string, Load>> = {
  "100 a second": { steps: 600, atOnce: 1, everyMs: 10, together: false },
  "200 a second": { steps: 1_200, atOnce: 1, everyMs: 5, together: false },
  "1,000 a second": { steps: 1_000, atOnce: 5, everyMs: 5, together: false },
  "50 together, ten times a second": { steps: 60, atOnce: 50, everyMs: 100, together: true },
};

interface Run {
  /** Of single events while idle, the time to each of the observers. Milliseconds. */
  readonly idle: { readonly p99: number; readonly median: number };
  /** As `BURSTS`. */
  readonly bursts: readonly BurstRun[];
}

interface BurstRun {
  /** Server CPU seconds per million events delivered. */
  readonly cpu: number;
  readonly eventsPerFrame: number;
}

/** What is measured, from outside. */
interface Server {
  readonly pid: number;
  readonly crowd: Crowd;
  /** Resolves when all are published. */
  publish(events: Burst): Promise<void>;
}

export const figure: Figure = {
  title: "Live events to 200 observers, ours : Socket.IO with Redis emitter",
  how: `The same events at the same times, in turn; server and observers on cores of their own. Ours are published from within the Worker, one call an event unless they come together, and logged on disk before they are sent; CPU is that of all of workerd. Theirs is that of Socket.IO's process: the emitter and Redis are on the observers' core. Idle: ${SINGLES.steps} single events, ${SINGLES.everyMs} ms apart, from publishing to each of the ${OBSERVERS}.`,
  async measure() {
    const { ours, theirs } = await inTurn(RUNS, runOurs, runTheirs);
    return [
      ...compare("idle, p99", "ms", 1.2, ours, theirs, ({ idle }) => idle.p99),
      ...compare("idle, median", "ms", undefined, ours, theirs, ({ idle }) => idle.median),
      ...Object.keys(BURSTS).flatMap((name, i) => [
        ...compare(
          `${name}: CPU per million delivered`,
          "s",
          0.15,
          ours,
          theirs,
          ({ bursts }) => bursts[i]?.cpu ?? Number.NaN,
        ),
        {
          what: `${name}: events a frame`,
          unit: "",
          runs: ours.map(({ bursts }) => bursts[i]?.eventsPerFrame ?? Number.NaN),
        },
      ]),
    ];
  },
};

function compare(
  what: string,
  unit: string,
  atMost: number | undefined,
  ours: readonly Run[],
  theirs: readonly Run[],
  value: (run: Run) => number,
): Row[] {
  const runs = { ours: ours.map(value), theirs: theirs.map(value) };
  const ratio = { what: `${what}, ours : theirs`, unit: "", runs: ratios(runs.ours, runs.theirs) };
  return [
    atMost === undefined ? ratio : { ...ratio, target: { atMost } },
    { what: `${what}, ours`, unit, runs: runs.ours },
    { what: `${what}, theirs`, unit, runs: runs.theirs },
  ];
}

async function runOurs(): Promise<Run> {
  const worker = await startRooms();
  try {
    const room = crypto.randomUUID();
    const url = `${worker.url.replace("http", "ws")}/bench/observe?room=${room}`;
    return await measure({
      pid: worker.pid,
      crowd: await gather({ kind: "rooms", url, observers: OBSERVERS }),
      publish: (events) => burst(worker.url, room, events),
    });
  } finally {
    await worker.stop();
  }
}

async function runTheirs(): Promise<Run> {
  const peer = await startSocketIo();
  try {
    return await measure({
      pid: peer.pid,
      crowd: await gather({ kind: "socket-io", url: peer.url, observers: OBSERVERS }),
      async publish({ n, steps, atOnce, everyMs, text }) {
        const start = clock();
        for (let step = 0; step < steps; step += 1) {
          await delay(Math.max(0, start + step * everyMs - clock()));
          for (let i = 1; i <= atOnce; i += 1) {
            peer.emit({ n: n + step * atOnce + i, sentAt: clock(), text });
          }
        }
      },
    });
  } finally {
    await peer.stop();
  }
}

async function measure({ pid, crowd, publish }: Server): Promise<Run> {
  let n = 0;
  const run = async (load: Load) => {
    await publish({ ...load, n, text: TEXT });
    n += load.steps * load.atOnce;
    return crowd.until(n);
  };
  try {
    await run(WARM_UP);
    const { latencies } = await run(SINGLES);
    const bursts: BurstRun[] = [];
    for (const load of Object.values(BURSTS)) {
      const before = cpuSeconds(pid);
      const { deliveries, frames, outOfOrder } = await run(load);
      const used = cpuSeconds(pid) - before;
      if (outOfOrder > 0) throw new Error(`${outOfOrder} deliveries out of order`);
      bursts.push({ cpu: (used / deliveries) * 1_000_000, eventsPerFrame: deliveries / frames });
    }
    const idle = { p99: percentile(latencies, 0.99), median: percentile(latencies, 0.5) };
    return { idle, bursts };
  } finally {
    await crowd.stop();
  }
}
