import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import {
  type Crowd,
  clock,
  type Figure,
  gather,
  percentile,
  publish,
  residentMiB,
  startRooms,
} from "./rooms-support.ts";

interface Sizes {
  readonly others: number;
  readonly events: number;
  /** Characters of each event. */
  readonly size: number;
}

/**
 * One observer stops reading, so that its TCP window closes; 199 others read on. How much memory does
 * it take, how does it end, and what do the others notice?
 */
export async function measureSlowReader(sizes: Partial<Sizes> = {}): Promise<Figure[]> {
  const { others, events, size }: Sizes = { others: 199, events: 1_500, size: 4_000, ...sizes };
  const worker = await startRooms();
  const room = crypto.randomUUID();
  const path = `/bench/observe?room=${room}`;
  const crowd = await gather({
    kind: "rooms",
    url: `${worker.url.replace("http", "ws")}${path}`,
    observers: others,
  });
  try {
    let n = 0;
    const run = () => send(worker.url, room, events, size, () => ++n, crowd);
    await run();
    const calm = residentMiB(worker.pid);
    const without = await run();
    const usual = residentMiB(worker.pid) - calm;
    const slow = await openPaused(worker.port, path);
    const known = n;
    const beside = await run();
    const grown = residentMiB(worker.pid) - calm;
    const { code, newest } = await readOut(slow);
    const { epoch, head } = await status(worker.url, room);
    const back = await openPaused(worker.port, `${path}&since=${newest}&epoch=${epoch}`);
    const first = await firstEvent(back);
    back.destroy();
    const p99 = (latencies: number[]) => percentile(latencies, 0.99);
    return [
      {
        name: "memory while an observer has stopped reading, beyond that of the same burst without it",
        target: "≤ 16",
        value: Math.max(0, grown - usual),
        unit: "MiB",
        detail: `${events} events of ${size} characters (${Math.round((events * size) / 2 ** 20)} MiB); it got ${newest - known} of them, then close code ${code}; back with since=${newest} it went on with ${first} of ${head}`,
      },
      {
        name: "close code of an observer that has stopped reading",
        target: "4008",
        value: code,
        unit: "code",
        detail: `${others} others: ${beside.deliveries} deliveries, ${beside.outOfOrder} out of order, ${beside.resumptions} connections lost`,
      },
      {
        name: "p99 of the others beside an observer that has stopped reading : without it",
        target: "≤ 1.5",
        value: p99(beside.latencies) / p99(without.latencies),
        unit: "ratio",
        detail: `${p99(beside.latencies).toFixed(0)} and ${p99(without.latencies).toFixed(0)} ms`,
      },
    ];
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

async function status(url: string, room: string): Promise<{ epoch: string; head: number }> {
  const answer = await fetch(`${url}/bench/status?room=${room}`);
  return (await answer.json()) as { epoch: string; head: number };
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

if (import.meta.main) console.log(await measureSlowReader());
