import type { TestProject } from "vitest/node";
import { startSystem } from "./system.ts";

/** Once for every file of the browser lane. */
export default async function setup(project: TestProject) {
  const { url, issuer, dataDir, close } = await startSystem();
  project.provide("system", { url, issuer, dataDir });
  return close;
}
