import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join } from "node:path";
import { unstable_readConfig as readConfig } from "wrangler";
import { freePort, makeHome, runServer } from "../test/support/processes.ts";

/** The package's types are a Worker's; its main module exports the path of the binary. */
const workerd = (createRequire(import.meta.url)("workerd") as { default: string }).default;

const root = join(import.meta.dirname, "..");

/** A small Worker of a figure, running in workerd itself. */
export interface Script {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/**
 * Builds a Worker as a deployment would and runs it in `workerd serve`, without bindings.
 * @param entry a file in `bench/workers/`; any request to `/` has to be answered with 200 at once
 */
export async function startScript(entry: string): Promise<Script> {
  const port = await freePort();
  const home = makeHome("workerd", {});
  const { compatibility_date: date } = readConfig({ config: join(root, "wrangler.toml") });
  try {
    copyFileSync(
      bundle(join(import.meta.dirname, "workers", entry), date, home),
      join(home, "w.js"),
    );
    writeFileSync(
      join(home, "config.capnp"),
      `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .worker)],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  modules = [(name = "w.js", esModule = embed "w.js")],
  compatibilityDate = ${JSON.stringify(date)},
);
`,
    );
    const url = `http://127.0.0.1:${port}`;
    const server = await runServer({
      command: workerd,
      args: ["serve", "--experimental", join(home, "config.capnp")],
      connectionString: url,
      port,
      home,
      user: {},
      stopSignal: "SIGKILL",
      isReady: async () => (await fetch(url).catch(() => undefined))?.ok ?? false,
    });
    return Object.assign(server, { url });
  } catch (error) {
    rmSync(home, { recursive: true, force: true });
    throw error;
  }
}

/** @returns the one file of the bundle */
function bundle(entry: string, date: string | undefined, home: string): string {
  const config = join(home, "wrangler.json");
  writeFileSync(config, JSON.stringify({ name: "bench", main: entry, compatibility_date: date }));
  const out = mkdtempSync(join(home, "bundle-"));
  execFileSync(
    process.execPath,
    [
      join(root, "node_modules/wrangler/bin/wrangler.js"),
      ...["deploy", "--dry-run", "--minify", "--config", config, "--outdir", out],
    ],
    { cwd: root, stdio: ["ignore", "ignore", "inherit"] },
  );
  return join(out, `${basename(entry, ".ts")}.js`);
}
