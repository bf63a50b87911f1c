import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";

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
