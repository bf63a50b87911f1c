import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const page = join(root, "src/dashboard");
const out = join(root, "dist/public");
const stamp = join(root, "dist/dashboard.sha256");

/** What the page shares with the Worker; of everything else it may only import types. */
const SHARED = ["src/rooms/protocol.ts", "src/rooms/client.ts"];

/** Everything the page is made of; the lock file stands for the packages. */
const SOURCES = ["src/dashboard/**/*", ...SHARED, "dev/build-assets.ts", "package-lock.json"];

/**
 * Puts the static files the Worker serves into `dist/public`: the dashboard, built unless nothing
 * has changed since, and the API reference's script.
 */
export async function buildAssets(): Promise<void> {
  mkdirSync(join(out, "assets"), { recursive: true });
  await buildDashboard();
  const scalar = join(root, "node_modules/@scalar/api-reference/dist/browser/standalone.js");
  copyFileSync(scalar, join(out, "assets/scalar.js"));
}

async function buildDashboard(): Promise<void> {
  const hash = hashOfSources();
  const built = existsSync(stamp) && existsSync(join(out, "index.html"));
  if (built && readFileSync(stamp, "utf8") === hash) return;
  // Only loaded when there is something to build: it takes longer than the rest.
  const { build } = await import("vite");
  rmSync(join(out, "desk"), { recursive: true, force: true });
  await build({
    configFile: false,
    root: page,
    logLevel: "warn",
    mode: "production",
    // Tests set another, and would get React's development build.
    plugins: [
      {
        // Types are gone before this, so whatever is loaded here would be in the page.
        name: "refuse the Worker's code",
        load(id) {
          if (!mayBeInPage(id)) this.error(`${id} is the Worker's: import only types from it`);
        },
      },
    ],
    define: { "process.env.NODE_ENV": JSON.stringify("production") },
    oxc: { jsx: { runtime: "automatic", development: false } },
    build: {
      outDir: out,
      emptyOutDir: false,
      assetsDir: "desk",
      target: "es2023",
      // Fonts and images stay files: a data URL would be one more thing for the policy to allow.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      chunkSizeWarningLimit: 700,
      rolldownOptions: {
        onwarn(warning, warn) {
          // "use client" is for servers that render; here everything is the client's.
          if (warning.code !== "MODULE_LEVEL_DIRECTIVE") warn(warning);
        },
      },
    },
  });
  writeFileSync(stamp, hash);
}

/** Whether the page may hold a module: its own, a package's, or one of the two that are shared. */
export function mayBeInPage(id: string): boolean {
  const source = join(root, "src/");
  if (!id.startsWith(source) || id.startsWith(join(page, "/"))) return true;
  return SHARED.some((path) => id === join(root, path));
}

function hashOfSources(): string {
  const hash = createHash("sha256");
  const files = globSync(SOURCES, { cwd: root, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  for (const file of files) hash.update(`${file}\0`).update(readFileSync(file));
  return hash.digest("hex");
}

if (import.meta.main) await buildAssets();
