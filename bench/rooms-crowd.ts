import { io } from "socket.io-client";
import { WebSocket } from "ws";
import { ACK_EVERY_EVENTS } from "../src/rooms/protocol.ts";
import { type CrowdOptions, type CrowdReport, clock } from "./rooms-support.ts";

/** A process full of observers: counts what they get, and checks its order. Forked by `gather`. */

interface Happening {
  /** Counts up by one over the whole measurement. */
  n: number;
  sentAt?: number;
}

const options = JSON.parse(process.env["CROWD"] ?? "{}") as CrowdOptions;
const CONNECTING_AT_ONCE = 50;
const PATIENCE_MS = 60_000;

const last = new Array<number>(options.observers).fill(0);
let report = fresh();
let target = Number.POSITIVE_INFINITY;
let heardAt = Date.now();

function fresh(): CrowdReport & { frames: number; deliveries: number; outOfOrder: number } {
  return { deliveries: 0, frames: 0, outOfOrder: 0, latencies: [] };
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

function observeRoom(observer: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(options.url, { perMessageDeflate: false });
    let unacknowledged = 0;
    socket.on("error", reject);
    socket.on("close", (code) => console.error(`observer ${observer} was closed: ${code}`));
    socket.on("message", (text) => {
      const frame = JSON.parse(String(text)) as {
        type: string;
        events: { id: number; data: Happening }[];
      };
      if (frame.type === "hello") resolve();
      if (frame.type !== "events") return;
      report.frames += 1;
      for (const { data } of frame.events) take(observer, data);
      unacknowledged += frame.events.length;
      if (unacknowledged >= ACK_EVERY_EVENTS) {
        unacknowledged = 0;
        socket.send(JSON.stringify({ type: "ack", id: frame.events.at(-1)?.id }));
      }
      check();
    });
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
