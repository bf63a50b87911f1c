import { fileURLToPath } from "node:url";
import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig, type TestProjectConfiguration } from "vitest/config";
import { findPostgres, laneAvailable } from "./support/servers.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Everything that runs inside workerd; each database lane runs the same files. */
const WORKER_TESTS = ["test/{unit,api,rooms,intake}/**/*.test.ts"];

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
      globalSetup: [`test/support/global-setup-${database}.ts`],
      testTimeout: 15_000,
      deps: {
        optimizer: {
          ssr: {
            enabled: true,
            rolldownOptions: { external: ["fs"] },
            include: [
              "casbin",
              "@hono/zod-openapi",
              "hono",
              "hono/cors",
              "hono/html",
              "hono/factory",
              "hono/route",
              "hono/secure-headers",
              "hono/method-not-allowed",
              "hono/http-exception",
              "jose",
              "zod",
              "drizzle-orm",
              "drizzle-orm/neon-http",
              "drizzle-orm/pg-core",
              "@neondatabase/serverless",
            ],
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
    projects: [
      { root, test: { name: "node", include: ["test/node/**/*.test.ts"], testTimeout: 30_000 } },
      ...databases.map(workerProject),
    ],
  },
});
