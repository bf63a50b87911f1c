import { fileURLToPath } from "node:url";
import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig, type TestProjectConfiguration } from "vitest/config";
import { findPostgres, findRedis, laneAvailable } from "./support/servers.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Everything that runs inside workerd; each database lane runs the same files. */
const WORKER_TESTS = ["test/{unit,api,rooms,intake}/**/*.test.ts"];

/** Wide open: tests of other things are not about the first gate of the limits. */
const OPEN_EDGE = {
  EDGE_LIMIT: { namespace_id: "1001", simple: { limit: 100_000, period: 10 as const } },
};

function workerProject(world: "pglite" | "postgres" | "redis"): TestProjectConfiguration {
  const onRedis = world === "redis";
  return {
    root,
    plugins: [
      cloudflareTest(({ inject }) => ({
        wrangler: { configPath: fileURLToPath(new URL("../wrangler.toml", import.meta.url)) },
        miniflare: {
          bindings: inject("workerBindings"),
          ...(!onRedis && { ratelimits: OPEN_EDGE }),
        },
      })),
    ],
    test: {
      name: onRedis ? "worker with redis" : `worker on ${world}`,
      include: onRedis ? ["test/limits/**/*.test.ts"] : WORKER_TESTS,
      globalSetup: [`test/support/global-setup-${world}.ts`],
      testTimeout: 15_000,
    },
  };
}

const databases = laneAvailable("postgres", findPostgres())
  ? (["pglite", "postgres"] as const)
  : (["pglite"] as const);

const withRedis = laneAvailable("redis", findRedis()) ? (["redis"] as const) : [];

export default defineConfig({
  test: {
    root,
    projects: [
      { root, test: { name: "node", include: ["test/node/**/*.test.ts"], testTimeout: 30_000 } },
      ...[...databases, ...withRedis].map(workerProject),
    ],
  },
});
