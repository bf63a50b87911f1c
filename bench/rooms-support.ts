import { type ChildProcess, execFileSync, fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { bundleWorker, type RunningWorker, startWorker } from "../test/support/workerd.ts";

/** One line of the results. */
export interface Figure {
  readonly name: string;
  /** In words, with its sign: `≤ 0.15`. */
  readonly target: string;
  readonly value: number;
  readonly unit: string;
  readonly detail: string;
}

/** `USER_HZ`, which Linux has fixed at 100 for what /proc tells. */
const TICKS_PER_SECOND = 100;

/** CPU seconds a process has used, in user and kernel mode: proc(5), `stat`, fields 14 and 15. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The name, in parentheses, may hold anything; the third field follows it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Resident memory in MiB. */
export function residentMiB(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kilobytes) / 1024;
}

/** Keeps servers and clients on cores of their own, where there are two. */
export function pin(pid: number, side: "server" | "client"): void {
  if (availableParallelism() < 2) return;
  const core = side === "server" ? "0" : "1";
  execFileSync("taskset", ["-a", "-c", "-p", core, String(pid)], { stdio: "ignore" });
}

let bundle: string | undefined;

/** The Worker with the addresses of `rooms-worker.ts`. @param variables beyond those it must have */
export async function startRooms(variables: Record<string, string> = {}): Promise<RunningWorker> {
  bundle ??= bundleWorker({ entry: "bench/rooms-worker.ts" });
  const worker = await startWorker({
    bundle,
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
): Promise<void> {
  const answer = await fetch(`${url}/bench/publish?room=${room}`, {
    method: "POST",
    body: JSON.stringify(events),
  });
  if (!answer.ok) throw new Error(`not published: ${answer.status}`);
}

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

export function median(values: readonly number[]): number {
  return percentile(
    values.toSorted((a, b) => a - b),
    0.5,
  );
}

/** `1.2 (1.1 to 1.5)` */
export function spread(values: readonly number[], digits = 2): string {
  const text = (value: number) => value.toFixed(digits);
  return `${text(median(values))} (${text(Math.min(...values))} to ${text(Math.max(...values))})`;
}
