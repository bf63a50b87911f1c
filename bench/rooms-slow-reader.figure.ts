import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { Figure } from "./figure.ts";
import {
  type Crowd,
  type CrowdReport,
  clock,
  gather,
  percentile,
  publish,
  startRooms,
} from "./rooms-support.ts";
import { residentMiB } from "./usage.ts";

interface Sizes {
  readonly others: number;
  readonly events: number;
  /** Characters of each event. */
  readonly size: number;
}

const WHOLE: Sizes = { others: 199, events: 1_500, size: 4_000 };

export const figure: Figure = {
  title: "An observer that has stopped reading",
  how: `Its TCP window is closed while ${WHOLE.events.toLocaleString("en")} events of ${WHOLE.size.toLocaleString("en")} characters (${Math.round((WHOLE.events * WHOLE.size) / 2 ** 20)} MiB), 25 every 50 ms, go to it and to ${WHOLE.others} others. One run.`,
  async measure() {
    const { code, got, wentOn, memory, without, beside } = await runSlowReader(WHOLE);
    const p99 = ({ latencies }: CrowdReport) => percentile(latencies, 0.99);
    return [
      {
        what: "memory beyond that of the same burst without it",
        unit: "MiB",
        runs: [memory],
        target: { atMost: 16 },
      },
      {
        what: "p99 of the others : without it",
        unit: "",
        runs: [p99(beside) / p99(without)],
        target: { atMost: 1.5 },
        note: `${p99(beside).toFixed(0)} and ${p99(without).toFixed(0)} ms; ${beside.deliveries} deliveries, ${beside.outOfOrder} out of order, ${beside.resumptions} connections lost`,
      },
      {
        what: "events missed when it was back",
        unit: "",
        runs: [wentOn - got - 1],
        target: { atMost: 0 },
        note: `closed with ${code} after ${got} events`,
      },
    ];
  },
};

interface SlowReading {
  /** Of the close frame. */
  readonly code: number;
  /** The id of the last event before that, and of the first when it had come back. */
  readonly got: number;
  readonly wentOn: number;
  /** MiB that the server grew by, beyond the same burst without it. */
  readonly memory: number;
  /** What the others saw, without and beside it. */
  readonly without: CrowdReport;
  readonly beside: CrowdReport;
}

/** How much memory does it take, how does it end, and what do the others notice? */
export async function runSlowReader({ others, events, size }: Sizes): Promise<SlowReading> {
  const worker = await startRooms();
  const room = crypto.randomUUID();
  const path = `/bench/observe?room=${room}`;
  const url = `${worker.url.replace("http", "ws")}${path}`;
  const crowd = await gather({ kind: "rooms", url, observers: others });
  try {
    let n = 0;
    const run = () => send(worker.url, room, events, size, () => ++n, crowd);
    await run();
    const calm = residentMiB(worker.pid);
    const without = await run();
    const usual = residentMiB(worker.pid) - calm;
    const slow = await openPaused(worker.port, path);
    const beside = await run();
    const grown = residentMiB(worker.pid) - calm;
    const { code, newest } = await readOut(slow);
    const epoch = await epochOf(worker.url, room);
    const back = await openPaused(worker.port, `${path}&since=${newest}&epoch=${epoch}`);
    const wentOn = await firstEvent(back);
    back.destroy();
    return {
      code,
      got: newest,
      wentOn: wentOn ?? Number.NaN,
      memory: Math.max(0, grown - usual),
      without,
      beside,
    };
  } finally {
    await crowd.stop();
    await worker.stop();
  }
}

/** Twenty-five events every 50 ms. */
async function send(
  url: string,
  room: string,
  events: number,
  size: number,
  next: () => number,
  crowd: Crowd,
) {
  const text = "x".repeat(size);
  let last = 0;
  for (let sent = 0; sent < events; sent += 25) {
    const group = Array.from({ length: 25 }, () => {
      last = next();
      return { key: crypto.randomUUID(), data: { n: last, sentAt: clock(), text } };
    });
    await Promise.all([publish(url, room, group, { together: true }), delay(50)]);
  }
  return crowd.until(last);
}

async function epochOf(url: string, room: string): Promise<string> {
  const answer = await fetch(`${url}/bench/status?room=${room}`);
  return ((await answer.json()) as { epoch: string }).epoch;
}

/** A WebSocket by hand (RFC 6455, section 4.1), so that its TCP socket can be left unread. */
async function openPaused(port: number, path: string): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString("base64")}\r\n\r\n`,
  );
  await once(socket, "readable");
  return socket;
}

/** Reads everything that is left. @returns the close code, and the newest event that came before it */
async function readOut(socket: Socket): Promise<{ code: number; newest: number }> {
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  let newest = 0;
  const end = once(socket, "close").then(() => true);
  for (let tries = 0; ; tries += 1) {
    const ended = tries > 60 || (await Promise.race([end, delay(500, false)]));
    for (const { opcode, payload } of framesOf(Buffer.concat(chunks))) {
      if (opcode === 8) {
        socket.destroy();
        return { code: payload.readUInt16BE(0), newest };
      }
      const frame = JSON.parse(payload.toString()) as { events?: { id: number }[] };
      newest = frame.events?.at(-1)?.id ?? newest;
    }
    if (ended) return { code: 1006, newest };
  }
}

async function firstEvent(socket: Socket): Promise<number | undefined> {
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  for (let tries = 0; tries < 100; tries += 1) {
    await delay(50);
    for (const { payload } of framesOf(Buffer.concat(chunks))) {
      const frame = JSON.parse(payload.toString()) as { events?: { id: number }[] };
      if (frame.events !== undefined) return frame.events[0]?.id;
    }
  }
  return undefined;
}

/** The whole WebSocket frames in what came after the handshake; a server's are not masked. */
function framesOf(bytes: Buffer): { opcode: number; payload: Buffer }[] {
  const frames = [];
  let at = bytes.indexOf("\r\n\r\n") + 4;
  while (at + 2 <= bytes.length) {
    const opcode = (bytes[at] ?? 0) & 0x0f;
    let length = (bytes[at + 1] ?? 0) & 0x7f;
    let start = at + 2;
    if (length === 126 && start + 2 <= bytes.length) {
      length = bytes.readUInt16BE(start);
      start += 2;
    } else if (length === 127 && start + 8 <= bytes.length) {
      length = Number(bytes.readBigUInt64BE(start));
      start += 8;
    }
    if (start + length > bytes.length) break;
    frames.push({ opcode, payload: bytes.subarray(start, start + length) });
    at = start + length;
  }
  return frames;
}
