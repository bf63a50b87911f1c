import { execFileSync } from "node:child_process";
import { copyFileSync, globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { unstable_readConfig as readConfig } from "wrangler";
import { freePort, makeHome, type RunningServer, runServer } from "./processes.ts";

/** The package's types are a Worker's; its main module exports the path of the binary. */
const workerd = (createRequire(import.meta.url)("workerd") as { default: string }).default;

const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Builds the Worker as a deployment would, or another one: `entry` has to export the same classes,
 * `config` is that of a Worker whose main module is called `index.ts`.
 * @returns the folder that holds `index.js`
 */
export function bundleWorker(options: { entry?: string; config?: string } = {}): string {
  const { entry, config = "wrangler.toml" } = options;
  const folder = mkdtempSync(join(tmpdir(), "outreach-bundle-"));
  mkdirSync(join(root, "dist/public"), { recursive: true });
  execFileSync(
    process.execPath,
    [
      join(root, "node_modules/wrangler/bin/wrangler.js"),
      ...["deploy", ...(entry ? [join(root, entry)] : []), "--config", join(root, config)],
      ...["--dry-run", "--env=", "--minify", "--outdir", folder],
    ],
    { cwd: root, stdio: ["ignore", "ignore", "inherit"] },
  );
  return folder;
}

interface DurableObjectBinding {
  readonly name: string;
  readonly class_name: string;
}

/** A Worker served by workerd itself, the runtime of production, without a development proxy. */
export interface RunningWorker extends RunningServer {
  readonly url: string;
}

/**
 * Runs a bundle in `workerd serve`: variables of wrangler.toml, overridden by `variables`; Durable
 * Objects with SQLite on disk, which survives `kill()` and `start()` and goes with `stop()`.
 * @param options.bundle from `bundleWorker`
 */
export async function startWorker(options: {
  bundle: string;
  variables: Readonly<Record<string, string>>;
  port?: number;
  /** Durable Objects, if not those of wrangler.toml. */
  objects?: readonly DurableObjectBinding[];
  /** Of V8, `--max-old-space-size=128`: workerd by itself sets no limit, and so collects late. */
  v8Flags?: readonly string[];
  /** Compatibility flags beyond those of wrangler.toml. */
  flags?: readonly string[];
}): Promise<RunningWorker> {
  const port = options.port ?? (await freePort());
  const home = makeHome("workerd", {});
  mkdirSync(join(home, "storage"));
  // Beside the configuration: an embedded file's path is relative to it.
  const built = globSync("*.js", { cwd: options.bundle });
  copyFileSync(join(options.bundle, built[0] ?? "index.js"), join(home, "index.js"));
  writeFileSync(join(home, "config.capnp"), capnp({ ...options, port, home }));
  const url = `http://127.0.0.1:${port}`;
  try {
    const server = await runServer({
      command: workerd,
      args: ["serve", "--experimental", join(home, "config.capnp")],
      connectionString: url,
      port,
      home,
      user: {},
      stopSignal: "SIGKILL",
      isReady: async () => (await fetch(`${url}/healthz`).catch(() => undefined))?.ok ?? false,
    });
    return Object.assign(server, { url });
  } catch (error) {
    rmSync(home, { recursive: true, force: true });
    throw error;
  }
}

/** workerd's own configuration language; see workerd's `workerd.capnp`. */
function capnp(options: {
  variables: Readonly<Record<string, string>>;
  port: number;
  home: string;
  objects?: readonly DurableObjectBinding[];
  v8Flags?: readonly string[];
  flags?: readonly string[];
}): string {
  const config = readConfig({ config: join(root, "wrangler.toml") });
  const variables = { ...config.vars, ...options.variables };
  const flags = [...config.compatibility_flags, ...(options.flags ?? [])];
  const objects: readonly DurableObjectBinding[] =
    options.objects ?? config.durable_objects.bindings;
  const text = (value: unknown) => JSON.stringify(String(value));
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "internet", network = (allow = ["public", "private"])),
    (name = "storage", disk = (path = ${text(join(options.home, "storage"))}, writable = true)),
  ],
  v8Flags = [${(options.v8Flags ?? []).map(text).join(", ")}],
  sockets = [(name = "http", address = "127.0.0.1:${options.port}", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  modules = [(name = "index.js", esModule = embed "index.js")],
  compatibilityDate = ${text(config.compatibility_date)},
  compatibilityFlags = [${flags.map(text).join(", ")}],
  bindings = [
    ${Object.entries(variables)
      .map(([name, value]) => `(name = ${text(name)}, text = ${text(value)}),`)
      .join("\n    ")}
    ${objects
      .map(
        ({ name, class_name }) =>
          `(name = ${text(name)}, durableObjectNamespace = ${text(class_name)}),`,
      )
      .join("\n    ")}
  ],
  durableObjectNamespaces = [
    ${objects
      .map(
        ({ class_name }) =>
          `(className = ${text(class_name)}, uniqueKey = ${text(class_name)}, enableSql = true),`,
      )
      .join("\n    ")}
  ],
  durableObjectStorage = (localDisk = "storage"),
);
`;
}
