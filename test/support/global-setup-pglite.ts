import type { TestProject } from "vitest/node";
import { pgliteEngine } from "../../dev/postgres-http.ts";
import { provideWorld } from "./global-setup.ts";

export default async function setup(project: TestProject) {
  return provideWorld(project, await pgliteEngine());
}
