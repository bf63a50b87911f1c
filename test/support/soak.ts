import { setTimeout as delay } from "node:timers/promises";
import type { FaultWorld } from "./fault-world.ts";
import { judge, percentile, startLoad, type Verdict } from "./load.ts";

/** A way to be away, and how it ends. Every one holds for as long as the soak wants. */
export interface Fault {
  readonly name: string;
  begin(world: FaultWorld): Promise<void> | void;
  end(world: FaultWorld): Promise<void> | void;
}

const network = (fault: FaultWorld["network"]["fault"]): Fault => ({
  name: `network: ${fault}`,
  begin: (world) => {
    world.network.fault = fault;
  },
  end: (world) => {
    world.network.fault = "none";
  },
});

/** After this the breaker is open, and no visitor waits any more. */
const BREAKER_OPEN_MS = 2_000;

export const FAULTS: readonly Fault[] = [
  {
    name: "PostgreSQL killed",
    begin: (world) => world.postgres.kill("SIGKILL"),
    end: (world) => world.postgres.start(),
  },
  {
    name: "PostgreSQL paused",
    begin: (world) => world.postgres.pause(),
    end: (world) => world.postgres.resume(),
  },
  {
    // While nothing is stored, because an announcement that is under way dies with its isolate; but
    // permissions can be read, so that observers can come back.
    name: "workerd killed with rows in the spool",
    async begin(world) {
      world.network.fault = "standby";
      await delay(BREAKER_OPEN_MS);
      await world.worker.kill("SIGKILL");
      await world.worker.start();
    },
    end: (world) => {
      world.network.fault = "none";
    },
  },
  network("refuse"),
  network("standby"),
  network("error"),
  network("garbage"),
  network("hang"),
  network("cut"),
  network("half"),
];

export interface SoakReport extends Verdict {
  readonly answers: Readonly<Record<string, number>>;
  /** Of the 202 with the breaker open, over all faults and in each. */
  readonly queuedP99Milliseconds: number;
  readonly queuedP99ByFault: Readonly<Record<string, number>>;
  readonly drainedAfterMilliseconds: number;
}

/**
 * Submits continuously while the faults happen one after the other, lets everything settle, and
 * judges. @param options.faultMs how long each lasts; @param options.calmMs the time between
 */
export async function runSoak(
  world: FaultWorld,
  options: {
    perSecond: number;
    faults: readonly Fault[];
    faultMs: number;
    calmMs: number;
    say?: (line: string) => void;
  },
): Promise<SoakReport> {
  const { perSecond, faults, faultMs, calmMs, say = () => undefined } = options;
  const observer = await world.observe("inquiries");
  const load = startLoad(world, { perSecond, retries: true });
  /** When visitors met an open breaker. */
  const away: { name: string; from: number; to: number }[] = [];
  for (const fault of faults) {
    await delay(calmMs);
    say(fault.name);
    await fault.begin(world);
    const begin = performance.now() + BREAKER_OPEN_MS;
    await delay(faultMs);
    away.push({ name: fault.name, from: begin, to: performance.now() });
    // What is stored while nobody listens is only seen by those who ask for it afterwards.
    await until(() => observer.connected, "the observer does not come back");
    await fault.end(world);
  }
  await delay(calmMs);
  const sent = await load.stop();
  const drainedAfterMilliseconds = await world.untilDrained();
  const verdict = await settle(async () => judge(world, sent, observer.events));
  observer.close();

  const answers: Record<string, number> = {};
  for (const { status } of sent) answers[status] = (answers[status] ?? 0) + 1;
  const queuedIn = ({ from, to }: { from: number; to: number }) =>
    sent
      .filter(({ status, at }) => status === 202 && at > from && at < to)
      .map(({ milliseconds }) => milliseconds);
  return {
    ...verdict,
    answers,
    queuedP99Milliseconds: percentile(away.flatMap(queuedIn), 0.99),
    queuedP99ByFault: Object.fromEntries(
      away.map((each) => [each.name, percentile(queuedIn(each), 0.99)]),
    ),
    drainedAfterMilliseconds,
  };
}

/** The last announcements follow the last rows by a moment. */
async function settle(judgement: () => Promise<Verdict>): Promise<Verdict> {
  for (let tries = 0; ; tries += 1) {
    const verdict = await judgement();
    if (verdict.unannounced === 0 || tries >= 50) return verdict;
    await delay(100);
  }
}

async function until(condition: () => boolean, complaint: string): Promise<void> {
  const end = performance.now() + 60_000;
  while (!condition()) {
    if (performance.now() > end) throw new Error(complaint);
    await delay(20);
  }
}
