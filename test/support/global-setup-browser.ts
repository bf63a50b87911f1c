import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";
import { freePort } from "./processes.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The whole system as `npm start` runs it, once for every file of the browser lane. */
export default async function setup(project: TestProject) {
  const dataDir = mkdtempSync(join(tmpdir(), "outreach-browser-"));
  const port = await freePortPair();
  const system = spawn(process.execPath, ["dev/start.ts"], {
    cwd: root,
    env: { ...process.env, PORT: String(port), DATA_DIR: dataDir },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines: string[] = [];
  const ready = await new Promise<boolean>((resolve) => {
    createInterface({ input: system.stdout }).on("line", (line) => {
      lines.push(line);
      if (line.startsWith("ready")) resolve(true);
    });
    system.once("exit", () => resolve(false));
  });
  if (!ready) throw new Error(`npm start did not come up:\n${lines.join("\n")}`);
  project.provide("system", {
    url: `http://localhost:${port}`,
    issuer: `http://127.0.0.1:${port + 1}`,
    dataDir,
  });
  return async () => {
    const gone = once(system, "exit");
    system.kill("SIGINT");
    await gone;
    rmSync(dataDir, { recursive: true, force: true });
  };
}

/** The identity provider takes the port after the Worker's. */
async function freePortPair(): Promise<number> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const port = await freePort();
    const probe = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      probe.once("error", () => resolve(false));
      probe.listen(port + 1, "127.0.0.1", () => probe.close(() => resolve(true)));
    });
    if (isFree) return port;
  }
  throw new Error("no two free ports in a row");
}
