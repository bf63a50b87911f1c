import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Puts the static files the Worker serves into `dist/public`: the API reference's script. */
export function buildAssets(): void {
  const assets = join(root, "dist/public/assets");
  mkdirSync(assets, { recursive: true });
  const scalar = join(root, "node_modules/@scalar/api-reference/dist/browser/standalone.js");
  copyFileSync(scalar, join(assets, "scalar.js"));
}

if (import.meta.main) buildAssets();
