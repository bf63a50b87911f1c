import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chownSync,
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/** How long a server may take to answer or to end, in milliseconds. */
const DEADLINE_MS = 30_000;

export interface RunningServer {
  readonly connectionString: string;
  readonly port: number;
  /** Of the latest start. */
  readonly pid: number;
  /** Stops every process of the server where it stands: connections stay open, nobody answers. */
  pause(): void;
  resume(): void;
  /**
   * Ends the server with this signal, SIGKILL by default, and resolves when all its processes are
   * gone. PostgreSQL: SIGINT cuts its clients off (57P01); SIGTERM waits until they have left.
   */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again on the same port and data. */
  start(): Promise<void>;
  /** Ends it if it runs and removes what it left behind. */
  stop(): Promise<void>;
}

/**
 * A free loopback port below those that the system gives to outgoing connections, so that nobody
 * takes it while its server is down: not even a client that polls it and reaches itself.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    const probe = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      probe.once("error", () => resolve(false));
      probe.listen(port, "127.0.0.1", () => resolve(true));
    });
    if (!isFree) continue;
    probe.close();
    await once(probe, "close");
    return port;
  }
  throw new Error("no free port found");
}

export interface ServerSpec {
  command: string;
  args: string[];
  connectionString: string;
  port: number;
  /** Temporary: working directory and log. */
  home: string;
  user: User;
  stopSignal: "SIGQUIT" | "SIGKILL";
  isReady(): Promise<boolean>;
}

export async function runServer(spec: ServerSpec): Promise<RunningServer> {
  const { connectionString, port, home } = spec;
  let child: ChildProcess | undefined;
  let guard: ChildProcess | undefined;

  const livingPid = (): number => {
    if (!isRunning(child) || child.pid === undefined) throw new Error("the server does not run");
    return child.pid;
  };
  const server = {
    connectionString,
    port,
    get pid() {
      return livingPid();
    },
    pause: () => {
      // The parent first, so that it starts no child that would be missed.
      const pid = livingPid();
      process.kill(pid, "SIGSTOP");
      for (const each of childrenOf(pid)) send(each, "SIGSTOP");
    },
    resume: () => {
      const pid = livingPid();
      for (const each of [...childrenOf(pid), pid]) send(each, "SIGCONT");
    },
    kill: async (signal: NodeJS.Signals = "SIGKILL") => {
      const pid = livingPid();
      const children = childrenOf(pid);
      const gone = once(child as ChildProcess, "exit");
      // A killed parent cannot take its children along, and a new one would find them in its way.
      for (const each of signal === "SIGKILL" ? [pid, ...children] : [pid]) send(each, signal);
      await Promise.race([gone, deadline(`${spec.command} outlived ${signal}`)]);
      await waitUntil(() => !children.some(isAlive), `children of ${spec.command} remain`);
      // Ended only now: until here it would have cleaned up after a parent that dies.
      guard?.kill("SIGKILL");
    },
    start: async () => {
      if (isRunning(child)) throw new Error("the server runs already");
      const log = openSync(join(home, "log"), "a");
      const started = spawn(spec.command, spec.args, {
        ...spec.user,
        cwd: home,
        stdio: ["ignore", log, log],
      });
      closeSync(log);
      await once(started, "spawn");
      child = started;
      guard = guardServer(started.pid as number, spec.stopSignal, home);
      const isReady = async () => {
        if (isRunning(started)) return spec.isReady();
        throw new Error(`${spec.command} ended:\n${readFileSync(join(home, "log"), "utf8")}`);
      };
      await waitUntil(isReady, `${spec.command} does not answer`);
    },
    stop: async () => {
      if (isRunning(child)) {
        server.resume();
        await server.kill(spec.stopSignal);
      }
      rmSync(home, { recursive: true, force: true });
    },
  };
  try {
    await server.start();
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

/**
 * Ends the server and removes its directory when this process has died, in whatever way: the
 * pipe's end is the only sign that even SIGKILL gives. Detached, so that no Ctrl-C reaches it.
 */
function guardServer(pid: number, signal: string, home: string): ChildProcess {
  const script = `read -r _
kill -CONT "$1"; kill -"$2" "$1"
tries=100
while kill -0 "$1" && [ $tries -gt 0 ]; do sleep 0.1; tries=$((tries - 1)); done
rm -rf "$3"`;
  const args = ["-c", script, "guard", String(pid), signal.replace("SIG", ""), home];
  const guard = spawn("/bin/sh", args, { detached: true, stdio: ["pipe", "ignore", "ignore"] });
  guard.stdin?.on("error", () => undefined);
  guard.unref();
  (guard.stdin as unknown as { unref(): void }).unref();
  return guard;
}

function isRunning(child: ChildProcess | undefined): child is ChildProcess {
  return child !== undefined && child.exitCode === null && child.signalCode === null;
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has just ended by itself.
  }
}

/** Direct children; PostgreSQL's have none of their own. Their group would not do: each has one. */
function childrenOf(pid: number): number[] {
  return processes()
    .filter(({ parent }) => parent === pid)
    .map((each) => each.pid);
}

/** A zombie does not count: in a container nobody may ever collect it. */
function isAlive(pid: number): boolean {
  return processes().some((each) => each.pid === pid && each.state !== "Z");
}

/** Read from /proc: these lanes need Linux. */
function processes(): { pid: number; parent: number; state: string }[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, "utf8");
        // The name, in parentheses, may hold anything; state and parent follow it.
        const [state = "", parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        return [{ pid: Number(name), parent: Number(parent), state }];
      } catch {
        return [];
      }
    });
}

export interface User {
  uid?: number;
  gid?: number;
}

/** PostgreSQL refuses to run as root; then this finds the server's own user, or nobody. */
export function unprivilegedUser(name: string): User {
  if (process.getuid?.() !== 0) return {};
  for (const candidate of [name, "nobody"]) {
    try {
      const id = (flag: string) =>
        Number(execFileSync("id", [flag, candidate], { stdio: ["ignore", "pipe", "ignore"] }));
      return { uid: id("-u"), gid: id("-g") };
    } catch {
      // No such user; try the next.
    }
  }
  throw new Error(`neither user ${name} nor nobody exists`);
}

export function makeHome(name: string, user: User): string {
  const home = mkdtempSync(join(tmpdir(), `outreach-${name}-`));
  own(home, user);
  return home;
}

export function own(directory: string, { uid, gid }: User): void {
  if (uid !== undefined && gid !== undefined) chownSync(directory, uid, gid);
}

async function waitUntil(
  condition: () => boolean | Promise<boolean>,
  complaint: string,
): Promise<void> {
  const end = Date.now() + DEADLINE_MS;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`${complaint} after ${DEADLINE_MS} ms`);
    await delay(20);
  }
}

async function deadline(complaint: string): Promise<never> {
  await delay(DEADLINE_MS, undefined, { ref: false });
  throw new Error(`${complaint} for ${DEADLINE_MS} ms`);
}
