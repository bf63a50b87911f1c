import { setTimeout as delay } from "node:timers/promises";
import { io } from "socket.io-client";
import { observeRoom } from "../src/rooms/client.ts";
import { startCutter } from "./cutter.ts";
import type { Figure } from "./figure.ts";
import { startSocketIo } from "./peers/socket-io.ts";
import { type Eviction, evict, publish, startRooms } from "./rooms-support.ts";

interface Sizes {
  readonly events: number;
  readonly clients: number;
  /**
   * How often each client is cut off: `kills` of them by ending the server with SIGKILL, `evictions`
   * of them by aborting the room's object, the others by a TCP reset.
   */
  readonly cuts: number;
  readonly kills: number;
  readonly evictions: number;
  /** How often the room's object loses its memory alone, which cuts nobody off. */
  readonly hibernations: number;
  readonly seconds: number;
}

export interface Tally {
  missed: number;
  outOfOrder: number;
  repeated: number;
  reloads: number;
}

interface OurTally extends Tally {
  /** Attempts to publish that failed, and were repeated. */
  readonly failedAttempts: number;
}

const WHOLE: Sizes = {
  events: 10_000,
  clients: 50,
  cuts: 20,
  kills: 3,
  evictions: 6,
  hibernations: 6,
  seconds: 120,
};

export const figure: Figure = {
  title: "Events missed, repeated or out of order over random cuts",
  how: `${WHOLE.events.toLocaleString("en")} events at random times, ${WHOLE.clients} clients each cut off ${WHOLE.cuts} times at random moments, in the middle of a frame if it so happens; ${WHOLE.kills} of the cuts are a SIGKILL of the server. Of ours, ${WHOLE.evictions} more of them are an eviction: the room's object is aborted in the running server while it is being published to, which loses its memory and its sockets, not its storage. Besides, it hibernates ${WHOLE.hibernations} times: it loses its memory alone. What has each client's application seen in the end? One run of each.`,
  async measure() {
    const ours = await countGaps(WHOLE);
    // There is no object to evict.
    const theirs = await runTheirs({ ...WHOLE, evictions: 0, hibernations: 0 });
    const tell = (tally: Tally) =>
      `${tally.missed} missed, ${tally.outOfOrder} out of order, ${tally.repeated} repeated, ${tally.reloads} reloads, of ${WHOLE.events * WHOLE.clients} deliveries`;
    const { cuts, kills, evictions, hibernations } = WHOLE;
    return [
      {
        what: "ours",
        unit: "events",
        runs: [ours.missed + ours.outOfOrder + ours.repeated + ours.reloads],
        target: { atMost: 0 },
        note: `${tell(ours)}; of the ${cuts} cuts of each client ${evictions} with an eviction, ${kills} with a SIGKILL; ${hibernations} hibernations; ${ours.failedAttempts} attempts to publish failed and were repeated`,
      },
      {
        what: "Socket.IO with its Redis adapter",
        unit: "events",
        runs: [theirs.missed + theirs.outOfOrder + theirs.repeated],
        note: tell(theirs),
      },
    ];
  },
};

/** What one client's application has seen; ids are compared in the end, as none is known before. */
class Seen {
  readonly all: number[] = [];
  reloads = 0;

  tally(into: Tally, expected: number): void {
    const distinct = new Set(this.all);
    into.missed += expected - distinct.size;
    into.repeated += this.all.length - distinct.size;
    into.reloads += this.reloads;
    for (let i = 1; i < this.all.length; i += 1) {
      if ((this.all[i] ?? 0) < (this.all[i - 1] ?? 0)) into.outOfOrder += 1;
    }
  }
}

/** Our half of it alone. */
export async function countGaps(sizes: Sizes): Promise<OurTally> {
  const worker = await startRooms();
  const cutter = await startCutter(worker.port, sizes.clients);
  const room = crypto.randomUUID();
  const seen = cutter.ports.map(() => new Seen());
  const observers = cutter.ports.map((port, i) => {
    const mine = seen[i] as Seen;
    let first = true;
    return observeRoom({
      url: `http://127.0.0.1:${port}/bench/observe?room=${room}`,
      token: () => "none",
      backoff: { baseMs: 50, capMs: 500 },
      onEvents: (events) => void mine.all.push(...events.map(({ id }) => id)),
      onReload: () => {
        if (!first) mine.reloads += 1;
        first = false;
      },
    });
  });
  try {
    await until(() => observers.every(({ state }) => state === "live"));
    let failedAttempts = 0;
    await drive(sizes, cutter.cut, worker, {
      // Like every publication: again until it has arrived, with the same key.
      send: async (n) => {
        const event = { key: `${room}-${n}`, data: { n } };
        const failed = await insist(() => publish(worker.url, room, [event]));
        failedAttempts += failed;
      },
      evict: async (how) => {
        // Before the room has sent what it gathers, which takes 50 ms; or while it is logging that.
        await delay(Math.random() * 60);
        // Again, too: the server may just have been killed.
        await insist(() => evict(worker.url, room, how));
      },
    });
    await until(() => seen.every(({ all }) => (all.at(-1) ?? 0) >= sizes.events));
    return { ...total(seen, sizes.events), failedAttempts };
  } finally {
    for (const observer of observers) observer.close();
    await cutter.close();
    await worker.stop();
  }
}

async function runTheirs(sizes: Sizes): Promise<Tally> {
  const peer = await startSocketIo();
  const cutter = await startCutter(peer.port, sizes.clients);
  const seen = cutter.ports.map(() => new Seen());
  const sockets = cutter.ports.map((port, i) => {
    const socket = io(`http://127.0.0.1:${port}`, {
      transports: ["websocket"],
      forceNew: true,
      reconnectionDelay: 50,
      reconnectionDelayMax: 500,
    });
    socket.on("happened", ({ n }: { n: number }) => void seen[i]?.all.push(n));
    return socket;
  });
  try {
    await until(() => sockets.every(({ connected }) => connected));
    await drive(sizes, cutter.cut, peer, { send: async (n) => peer.emit({ n }) });
    await until(() => sockets.every(({ connected }) => connected));
    await delay(2_000);
    return total(seen, sizes.events);
  } finally {
    for (const socket of sockets) socket.close();
    await cutter.close();
    await peer.stop();
  }
}

/** @returns how many attempts failed before one did not */
async function insist(attempt: () => Promise<void>): Promise<number> {
  for (let failed = 0; ; failed += 1) {
    try {
      await attempt();
      return failed;
    } catch {
      await delay(50);
    }
  }
}

interface Publisher {
  send(n: number): Promise<void>;
  evict?(how: Eviction): Promise<void>;
}

/** Publishes all events in bursts and pauses, and meanwhile cuts, kills and evicts. */
async function drive(
  sizes: Sizes,
  cut: (client: number) => void,
  server: { kill(): Promise<void>; start(): Promise<void> },
  { send, evict }: Publisher,
): Promise<void> {
  const span = sizes.seconds * 1_000;
  const cuts = Array.from({ length: sizes.clients }, (_, client) =>
    Array.from({ length: sizes.cuts - sizes.kills - sizes.evictions }, async () => {
      await delay(Math.random() * span);
      cut(client);
    }),
  ).flat();
  const kills = (async () => {
    for (let i = 0; i < sizes.kills; i += 1) {
      await delay((span / (sizes.kills + 1)) * (0.8 + 0.4 * Math.random()));
      await server.kill();
      await server.start();
    }
  })();
  const evictions = (how: Eviction, length: number) =>
    Array.from({ length }, () => ({ how, with: 1 + Math.floor(Math.random() * sizes.events) }));
  const due = [
    ...evictions("abort", sizes.evictions),
    ...evictions("hibernate", sizes.hibernations),
  ];
  const start = Date.now();
  const sent: (Promise<void> | undefined)[] = [];
  for (let n = 1; n <= sizes.events; ) {
    const burst = 1 + Math.floor(Math.random() * 30);
    for (let i = 0; i < burst && n <= sizes.events; i += 1, n += 1) {
      sent.push(send(n));
      // With a burst, so that some of it is neither logged nor sent yet.
      for (const { how } of due.filter((each) => each.with === n)) sent.push(evict?.(how));
    }
    await delay(Math.max(0, start + (n / sizes.events) * span - Date.now()));
  }
  await Promise.all([...sent, ...cuts, kills]);
}

function total(seen: readonly Seen[], expected: number): Tally {
  const tally: Tally = { missed: 0, outOfOrder: 0, repeated: 0, reloads: 0 };
  for (const each of seen) each.tally(tally, expected);
  return tally;
}

async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + 60_000;
  while (!condition() && Date.now() < end) await delay(50);
}
