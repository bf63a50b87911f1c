import { globSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { describe, expect, it, onTestFinished } from "vitest";
import * as whole from "zod";
import * as slim from "../../src/zod/entry.ts";
import { bundleWorker } from "../support/workerd.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** What the Worker does without. */
const LEFT_OUT = [
  "ZodCompileAsyncError",
  "ZodCompileUnsupportedError",
  "compile",
  "core",
  "deepPartial",
  "default",
  "fromJSONSchema",
  "locales",
  "toJSONSchema",
  "withParser",
];

describe("the bundle", () => {
  it("has all of zod but what nothing calls", () => {
    const left = Object.keys(whole).filter((name) => !(name in slim));
    expect(left.sort()).toEqual(LEFT_OUT);
    expect(slim.z.string).toBe(whole.z.string);
  });

  // It was 245.8 when this was written.
  it("is at most 248 KiB compressed, and free of what was left out", () => {
    const folder = bundleWorker();
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const script = readFileSync(join(folder, "index.js"));
    expect(gzipSync(script).byteLength / 1024).toBeLessThanOrEqual(248);
    expect(script.toString()).not.toContain("Ungültige Eingabe");
    expect(script.toString()).toContain("globMatch is not part of this build");
  });

  it("has no matcher that would need what it does without", () => {
    const files = sourceFiles().filter((file) => !file.endsWith("/no-minimatch.ts"));
    for (const file of files) {
      expect(readFileSync(join(root, file), "utf8"), file).not.toContain("globMatch");
    }
  });

  it("has no class or function that asks for its own name, which the build shortens", () => {
    for (const file of sourceFiles()) {
      const text = readFileSync(join(root, file), "utf8");
      expect(text, file).not.toMatch(/\b(constructor|new\.target|callee)\.name\b/);
    }
  });

  it("calls nothing of zod that the Worker does without", () => {
    const names = LEFT_OUT.filter((name) => name !== "core" && name !== "default");
    const forbidden = new RegExp(`\\bz\\.(${names.join("|")})\\b|\\bz\\.core\\.(?!\\$Zod)`);
    for (const file of sourceFiles()) {
      expect(readFileSync(join(root, file), "utf8"), file).not.toMatch(forbidden);
    }
  });
});

function sourceFiles(): string[] {
  return globSync("src/**/*.ts", { cwd: root });
}
