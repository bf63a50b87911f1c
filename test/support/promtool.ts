import { spawnSync } from "node:child_process";
import { findPromtool } from "./servers.ts";

/** Runs promtool. @returns its exit code and everything it said */
export function promtool(args: readonly string[], input?: string) {
  const command = findPromtool();
  if (command === undefined) throw new Error("promtool is not installed");
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8", input });
  return { status, output: stdout + stderr };
}
