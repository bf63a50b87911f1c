import { fileURLToPath } from "node:url";
import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig, type TestProjectConfiguration } from "vitest/config";
import { findChromium } from "./support/browser.ts";
import { findPostgres, findRedis, laneAvailable } from "./support/servers.ts";

/** For `expect.poll`, whose default second is too short for a machine that is slow. */
const PATIENT = { expect: { poll: { timeout: 10_000 } } };

const root = fileURLToPath(new URL("..", import.meta.url));

/** What runs inside workerd, by what it needs. */
const WORKER_TESTS = {
  pglite: ["test/{unit,api,rooms,intake}/**/*.test.ts"],
  // Without the files that never ask the database: they would only say the same again.
  postgres: [
    "test/{api,intake}/**/*.test.ts",
    "test/unit/snowflake.test.ts",
    "test/rooms/access.test.ts",
  ],
  redis: ["test/limits/**/*.test.ts"],
};

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
      include: WORKER_TESTS[world],
      // They share one database, or one Redis, and some look at all that is in it.
      fileParallelism: false,
      // One workerd for the lane; fresh-start.ts gives each file modules and objects of its own.
      isolate: false,
      setupFiles: ["fresh-start", "log-watch", "token-watch"].map(
        (name) => `test/support/worker/${name}.ts`,
      ),
      globalSetup: [`test/support/global-setup-${world}.ts`],
      testTimeout: 30_000,
      ...PATIENT,
      // Bundled once and kept in node_modules/.vite: they are hundreds of modules, and every file
      // evaluates its own.
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

/** Real servers that are stopped for real; one file after the other, because they need the machine. */
const faults: TestProjectConfiguration = {
  root,
  test: {
    name: "faults",
    include: ["test/faults/**/*.test.ts"],
    testTimeout: 90_000,
    ...PATIENT,
    hookTimeout: 60_000,
    fileParallelism: false,
  },
};

const databases = laneAvailable("postgres", findPostgres())
  ? (["pglite", "postgres"] as const)
  : (["pglite"] as const);

const withRedis = laneAvailable("redis", findRedis()) ? (["redis"] as const) : [];

/** The built Worker and the dashboard in a real browser, one file after the other on one system. */
const browserProject: TestProjectConfiguration = {
  root,
  test: {
    name: "browser",
    include: ["test/browser/**/*.test.ts"],
    globalSetup: ["test/support/global-setup-browser.ts"],
    fileParallelism: false,
    testTimeout: 60_000,
    ...PATIENT,
    hookTimeout: 60_000,
  },
};

const browsers = laneAvailable("chromium", findChromium()) ? [browserProject] : [];

export default defineConfig({
  test: {
    root,
    // Every request logs a line; only what fails is of interest.
    silent: "passed-only",
    // One file at a time where all lanes run: real servers, browsers and workerd side by side starve
    // each other on two cores, and what starves looks like a failure.
    ...(process.env["CI"] === "true" && { maxWorkers: 1 }),
    projects: [
      {
        root,
        test: {
          name: "node",
          include: ["test/node/**/*.test.ts"],
          testTimeout: 60_000,
          ...PATIENT,
          hookTimeout: 120_000,
        },
      },
      ...(laneAvailable("postgres", findPostgres()) ? [faults] : []),
      ...[...databases, ...withRedis].map(workerProject),
      ...browsers,
    ],
  },
});
