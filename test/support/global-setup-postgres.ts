import type { TestProject } from "vitest/node";
import { postgresEngine } from "../../dev/postgres-http.ts";
import { provideWorld } from "./global-setup.ts";
import { startPostgres } from "./servers.ts";

export default async function setup(project: TestProject) {
  const server = await startPostgres();
  const engine = postgresEngine({ connectionString: server.connectionString });
  const close = await provideWorld(project, engine);
  return async () => {
    await close();
    await server.stop();
  };
}
