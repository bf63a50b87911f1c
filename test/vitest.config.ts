import { fileURLToPath } from "node:url";
import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig, type TestProjectConfiguration } from "vitest/config";
import { findPostgres, laneAvailable } from "./support/servers.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Everything that runs inside workerd; each database lane runs the same files. */
const WORKER_TESTS = ["test/{unit,api,rooms,intake}/**/*.test.ts"];

const BUNDLED = [
  "@hono/zod-openapi",
  "@neondatabase/serverless",
  "casbin",
  "drizzle-orm",
  "drizzle-orm/neon-http",
  "drizzle-orm/pg-core",
  "hono",
  "hono/cors",
  "hono/factory",
  "hono/html",
  "hono/http-exception",
  "hono/method-not-allowed",
  "hono/route",
  "jose",
  "zod",
];

function workerProject(database: "pglite" | "postgres"): TestProjectConfiguration {
  return {
    root,
    plugins: [
      cloudflareTest(({ inject }) => ({
        wrangler: { configPath: fileURLToPath(new URL("../wrangler.toml", import.meta.url)) },
        miniflare: { bindings: inject("workerBindings") },
      })),
    ],
    test: {
      name: `worker on ${database}`,
      include: WORKER_TESTS,
      setupFiles: ["test/support/worker/log-watch.ts"],
      globalSetup: [`test/support/global-setup-${database}.ts`],
      testTimeout: 15_000,
      // Bundled once and kept in node_modules/.vite: each file would transform them again otherwise,
      // which takes longer than its tests.
      deps: {
        optimizer: {
          ssr: {
            enabled: true,
            include: BUNDLED,
            // casbin imports it for its file adapter.
            rolldownOptions: { external: ["fs"] },
          },
        },
      },
    },
  };
}

const databases = laneAvailable("postgres", findPostgres())
  ? (["pglite", "postgres"] as const)
  : (["pglite"] as const);

export default defineConfig({
  test: {
    root,
    // Every request logs a line; only what fails is of interest.
    silent: "passed-only",
    projects: [
      {
        root,
        test: {
          name: "node",
          include: ["test/node/**/*.test.ts"],
          testTimeout: 30_000,
          hookTimeout: 120_000,
        },
      },
      ...databases.map(workerProject),
    ],
  },
});
