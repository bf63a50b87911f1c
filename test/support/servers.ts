import { execFileSync } from "node:child_process";
import { accessSync, constants, existsSync, globSync, mkdirSync } from "node:fs";
import { connect } from "node:net";
import { delimiter, dirname, join } from "node:path";
import { Client } from "pg";
import {
  freePort,
  makeHome,
  own,
  type RunningServer,
  runServer,
  unprivilegedUser,
} from "./processes.ts";

const INSTALL = {
  postgres: "apt-get install postgresql",
  redis: "apt-get install redis-server",
  chromium: "apt-get install chromium",
  promtool: "apt-get install prometheus",
};

/** Whether tests that need this server can run. On CI a missing server is an error. */
export function laneAvailable(name: keyof typeof INSTALL, found: unknown): boolean {
  if (found) return true;
  const advice = `${name} was not found: ${INSTALL[name]}`;
  const { CI } = process.env;
  if (CI === "true") throw new Error(`CI runs every lane, but ${advice}`);
  console.warn(`skipping the ${name} lane: ${advice}`);
  return false;
}

/** The directory that holds `initdb` and `postgres`, Debian's newest version when not in PATH. */
export function findPostgres(): string | undefined {
  const debian = globSync("/usr/lib/postgresql/*/bin").sort((a, b) =>
    b.localeCompare(a, "en", { numeric: true }),
  );
  const initdb = findExecutable("initdb", debian);
  return initdb && dirname(initdb);
}

export function findRedis(): string | undefined {
  return findExecutable("redis-server", ["/usr/bin", "/usr/local/bin"]);
}

/** Prometheus' own checker of rules and of the text format. */
export function findPromtool(): string | undefined {
  return findExecutable("promtool", ["/usr/bin", "/usr/local/bin"]);
}

function findExecutable(name: string, otherPlaces: string[]): string | undefined {
  const { PATH = "" } = process.env;
  return [...PATH.split(delimiter), ...otherPlaces]
    .map((place) => join(place, name))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** A directory that was given is kept by `stop()`; an empty or missing one is initialised. */
export async function startPostgres(
  options: { dataDir?: string; port?: number } = {},
): Promise<RunningServer> {
  const bin = findPostgres();
  if (bin === undefined) throw new Error(`PostgreSQL was not found: ${INSTALL.postgres}`);
  const port = options.port ?? (await freePort());
  const user = unprivilegedUser("postgres");
  const home = makeHome("postgres", user);
  const dataDir = options.dataDir ?? join(home, "data");
  if (!existsSync(join(dataDir, "PG_VERSION"))) {
    mkdirSync(dataDir, { recursive: true });
    own(dataDir, user);
    const settings = ["--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-sync"];
    execFileSync(join(bin, "initdb"), [...settings, "--locale=C.UTF-8", "--pgdata", dataDir], {
      ...user,
      cwd: home,
      stdio: ["ignore", "ignore", "pipe"],
    });
  }
  const settings = {
    port,
    listen_addresses: "127.0.0.1",
    unix_socket_directories: home,
    max_connections: 100,
    fsync: "off",
  };
  const connectionString = `postgresql://postgres@127.0.0.1:${port}/postgres`;
  return runServer({
    command: join(bin, "postgres"),
    args: ["-D", dataDir, ...Object.entries(settings).flatMap(([k, v]) => ["-c", `${k}=${v}`])],
    connectionString,
    port,
    home,
    user,
    // Immediate shutdown: takes the children along and leaves no shared memory behind.
    stopSignal: "SIGQUIT",
    isReady: () => answersSql(connectionString),
  });
}

/** Without persistence: what a killed Redis held is gone. */
export async function startRedis(options: { port?: number } = {}): Promise<RunningServer> {
  const command = findRedis();
  if (command === undefined) throw new Error(`Redis was not found: ${INSTALL.redis}`);
  const port = options.port ?? (await freePort());
  const user = unprivilegedUser("redis");
  const home = makeHome("redis", user);
  const settings = { port, bind: "127.0.0.1", dir: home, save: "", appendonly: "no" };
  return runServer({
    command,
    args: Object.entries(settings).flatMap(([k, v]) => [`--${k}`, `${v}`]),
    connectionString: `redis://127.0.0.1:${port}`,
    port,
    home,
    user,
    stopSignal: "SIGKILL",
    isReady: () => answersPing(port),
  });
}

async function answersSql(connectionString: string): Promise<boolean> {
  const client = new Client({ connectionString, connectionTimeoutMillis: 1000 });
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.query("SELECT 1");
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.write("PING\r\n"));
    socket.setTimeout(1000, () => socket.destroy());
    socket.on("data", (data) => {
      resolve(data.toString().startsWith("+PONG"));
      socket.destroy();
    });
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(false));
  });
}
