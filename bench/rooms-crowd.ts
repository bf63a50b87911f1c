import { io } from "socket.io-client";
import { WebSocket } from "ws";
import { ACK_EVERY_CHARACTERS, ACK_EVERY_EVENTS } from "../src/rooms/protocol.ts";
import { type CrowdOptions, type CrowdReport, clock } from "./rooms-support.ts";

/** A process full of observers: counts what they get, and checks its order. Forked by `gather`. */

interface Happening {
  /** Counts up by one over the whole measurement. */
  n: number;
  sentAt?: number;
}

type Frame =
  | { type: "hello"; epoch: string; head: number; recovered: boolean }
  | { type: "events"; events: { id: number; data: Happening }[]; more?: true }
  | { type: "presence" };

const options = JSON.parse(process.env["CROWD"] ?? "{}") as CrowdOptions;
const CONNECTING_AT_ONCE = 50;
const PATIENCE_MS = 60_000;

const last = new Array<number>(options.observers).fill(0);
let report = fresh();
let target = Number.POSITIVE_INFINITY;
let heardAt = Date.now();

function fresh(): { -readonly [K in keyof CrowdReport]: CrowdReport[K] } {
  return { deliveries: 0, frames: 0, outOfOrder: 0, resumptions: 0, latencies: [] };
}

function take(observer: number, { n, sentAt }: Happening): void {
  report.deliveries += 1;
  if (n !== (last[observer] ?? 0) + 1) report.outOfOrder += 1;
  last[observer] = n;
  if (sentAt !== undefined) report.latencies.push(clock() - sentAt);
}

function check(): void {
  heardAt = Date.now();
  if (!last.every((n) => n >= target)) return;
  target = Number.POSITIVE_INFINITY;
  report.latencies.sort((a, b) => a - b);
  process.send?.({ report });
  report = fresh();
}

/** Comes back with `since` when it was closed, as every client of a room should. */
function observeRoom(observer: number): Promise<void> {
  let known = { since: 0, epoch: "" };
  return new Promise((resolve, reject) => {
    const connect = () => {
      const { since, epoch } = known;
      const resumed = epoch === "" ? "" : `&since=${since}&epoch=${epoch}`;
      const socket = new WebSocket(options.url + resumed);
      const unacknowledged = { events: 0, characters: 0 };
      socket.on("error", reject);
      socket.on("close", () => {
        report.resumptions += 1;
        connect();
      });
      socket.on("message", (message) => {
        const text = String(message);
        const frame = JSON.parse(text) as Frame;
        if (frame.type === "hello") {
          if (epoch === "") known = { since: frame.head, epoch: frame.epoch };
          else if (!frame.recovered) throw new Error("events are gone for good");
          resolve();
        }
        if (frame.type !== "events") return;
        report.frames += 1;
        for (const { id, data } of frame.events) {
          // The room's own order: publications overtake each other on the way to it.
          if (id > known.since) take(observer, { ...data, n: id });
          known.since = Math.max(known.since, id);
        }
        unacknowledged.events += frame.events.length;
        unacknowledged.characters += text.length;
        if (
          frame.more ||
          unacknowledged.events >= ACK_EVERY_EVENTS ||
          unacknowledged.characters >= ACK_EVERY_CHARACTERS
        ) {
          Object.assign(unacknowledged, { events: 0, characters: 0 });
          socket.send(JSON.stringify({ type: "ack", id: frame.events.at(-1)?.id }));
        }
        check();
      });
    };
    connect();
  });
}

function observeSocketIo(observer: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = io(options.url, { transports: ["websocket"], forceNew: true });
    socket.on("connect_error", reject);
    socket.on("connect", resolve);
    socket.on("happened", (data: Happening) => {
      report.frames += 1;
      take(observer, data);
      check();
    });
  });
}

const connect = options.kind === "rooms" ? observeRoom : observeSocketIo;
for (let i = 0; i < options.observers; i += CONNECTING_AT_ONCE) {
  const wave = Math.min(CONNECTING_AT_ONCE, options.observers - i);
  await Promise.all(Array.from({ length: wave }, (_, k) => connect(i + k)));
}

process.on("message", ({ until }: { until: number }) => {
  target = until;
  check();
});
process.on("disconnect", () => process.exit());
setInterval(() => {
  if (target === Number.POSITIVE_INFINITY || Date.now() - heardAt < PATIENCE_MS) return;
  console.error(`observers wait for ${target}, the last has ${Math.min(...last)}`);
  process.exit(1);
}, 1_000);
process.send?.({ ready: true });
