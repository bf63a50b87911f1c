import { type ChildProcess, fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { bundleWorker, type RunningWorker, startWorker } from "../test/support/workerd.ts";
import type { Burst } from "./burst.ts";
import { pin } from "./usage.ts";

let bundle: string | undefined;

/** The Worker with the addresses of `rooms-worker.ts`. @param variables beyond those it must have */
export async function startRooms(variables: Record<string, string> = {}): Promise<RunningWorker> {
  bundle ??= bundleWorker({ entry: "bench/rooms-worker.ts" });
  const worker = await startWorker({
    bundle,
    // Of the module that has an object hibernate.
    flags: ["unsafe_module"],
    variables: {
      DATABASE_URL: "postgres://outreach:outreach@localhost/outreach",
      SIGNING_KEY: randomBytes(32).toString("base64"),
      LOG_LEVEL: "error",
      ...variables,
    },
  });
  pin(worker.pid, "server");
  return worker;
}

export async function publish(
  url: string,
  room: string,
  events: readonly { key: string; data: unknown }[],
  { together = false } = {},
): Promise<void> {
  const answer = await fetch(`${url}/bench/publish?room=${room}${together ? "&together" : ""}`, {
    method: "POST",
    body: JSON.stringify(events),
  });
  if (!answer.ok) throw new Error(`not published: ${answer.status}`);
}

/** Has the Worker publish by itself, so that no request has to be answered for each event. */
export async function burst(url: string, room: string, events: Burst): Promise<void> {
  const body = JSON.stringify(events);
  const answer = await fetch(`${url}/bench/burst?room=${room}`, { method: "POST", body });
  if (!answer.ok) throw new Error(`not published: ${answer.status}`);
}

/** Resolves when the room's object has lost its memory, and its sockets unless it hibernates. */
export async function evict(url: string, room: string, how: Eviction): Promise<void> {
  const answer = await fetch(`${url}/bench/evict?room=${room}&${how}`, {
    method: "POST",
    // workerd waits 30 s for an object to be done that was aborted meanwhile.
    signal: AbortSignal.timeout(5_000),
  });
  if (!answer.ok) throw new Error(`not evicted: ${answer.status}`);
}

export type Eviction = "abort" | "hibernate";

export interface Crowd {
  /** Resolves when every observer has `last`, or rejects after a minute without news. */
  until(last: number): Promise<CrowdReport>;
  stop(): Promise<void>;
}

export interface CrowdReport {
  readonly deliveries: number;
  readonly frames: number;
  readonly outOfOrder: number;
  /** Connections that were closed, and resumed. */
  readonly resumptions: number;
  /** Milliseconds from `data.sentAt` to each observer, sorted. */
  readonly latencies: number[];
}

export interface CrowdOptions {
  readonly kind: "rooms" | "socket-io";
  readonly url: string;
  readonly observers: number;
}

/** Observers in a process of their own; resolves when all are connected. */
export async function gather(options: CrowdOptions): Promise<Crowd> {
  const child = fork(fileURLToPath(new URL("rooms-crowd.ts", import.meta.url)), {
    env: { ...process.env, CROWD: JSON.stringify(options) },
  });
  pin(child.pid as number, "client");
  await message(child, "ready");
  return {
    async until(last) {
      child.send({ until: last });
      return (await message(child, "report")) as CrowdReport;
    },
    async stop() {
      if (child.exitCode !== null) return;
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    },
  };
}

async function message(child: ChildProcess, name: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const listen = (value: Record<string, unknown>) => {
      if (!(name in value)) return;
      child.off("message", listen);
      resolve(value[name]);
    };
    child.on("message", listen);
    child.once("exit", (code) => reject(new Error(`the observers have left (${code})`)));
  });
}

/** The clock that two processes of one machine share, in milliseconds. */
export function clock(): number {
  return performance.timeOrigin + performance.now();
}

export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
