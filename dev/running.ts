import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** What the running system tells the other commands; kept in `<DATA_DIR>/running.json`. */
export interface Running {
  /** Origin of the Worker and the dashboard. */
  url: string;
  issuer: string;
  audience: string;
  clientId: string;
  pid: number;
  databaseHttpEndpoint: string;
}

/** `DATA_DIR`, or `.data` in the project's root. */
export function resolveDataDir(env: NodeJS.ProcessEnv = process.env): string {
  return env["DATA_DIR"]
    ? resolve(env["DATA_DIR"])
    : fileURLToPath(new URL("../.data", import.meta.url));
}

/** Replaces the file in one step, so that a reader never sees half of it. */
export function writeRunning(dataDir: string, running: Running): void {
  mkdirSync(dataDir, { recursive: true });
  const path = fileOf(dataDir);
  writeFileSync(`${path}.${process.pid}`, `${JSON.stringify(running, undefined, 2)}\n`);
  renameSync(`${path}.${process.pid}`, path);
}

/**
 * Undefined when there is no such file or it is not ours. The file may outlive a process that was
 * killed, so a caller still has to find somebody at these addresses.
 */
export function readRunning(dataDir: string): Running | undefined {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(fileOf(dataDir), "utf8"));
  } catch {
    return undefined;
  }
  return isRunning(value) ? value : undefined;
}

export function removeRunning(dataDir: string): void {
  rmSync(fileOf(dataDir), { force: true });
}

function fileOf(dataDir: string): string {
  return join(dataDir, "running.json");
}

function isRunning(value: unknown): value is Running {
  if (typeof value !== "object" || value === null) return false;
  const record = value as Record<string, unknown>;
  const texts = ["url", "issuer", "audience", "clientId", "databaseHttpEndpoint"];
  return texts.every((name) => typeof record[name] === "string") && Number.isInteger(record["pid"]);
}
