import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { bundleWorker } from "../test/support/workerd.ts";
import { type Figure, RUNS } from "./figure.ts";

const root = join(import.meta.dirname, "..");

export const figure: Figure = {
  title: "The Worker's bundle and its start",
  how: "The bundle as it is deployed, compressed by gzip. The start: time that is not idle in the profile of `wrangler check startup` on that bundle; this machine is not Cloudflare's.",
  async measure() {
    const bundle = bundleWorker();
    const folder = mkdtempSync(join(tmpdir(), "outreach-startup-"));
    try {
      const compressed = gzipSync(readFileSync(join(bundle, "index.js"))).byteLength / 1024;
      const active = Array.from({ length: RUNS }, () =>
        activeMilliseconds(join(folder, "profile")),
      );
      return [
        {
          what: "bundle, compressed",
          unit: "KiB",
          runs: [compressed],
          target: { atMost: 250 },
        },
        { what: "active time at the start", unit: "ms", runs: active, target: { atMost: 60 } },
      ];
    } finally {
      rmSync(bundle, { recursive: true, force: true });
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

function activeMilliseconds(profile: string): number {
  const wrangler = join(root, "node_modules/wrangler/bin/wrangler.js");
  const said = execFileSync(
    process.execPath,
    // Without the arguments of its own build it would profile a bundle that is not minified.
    [wrangler, "check", "startup", "--args=--env=production", "--outfile", profile],
    { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] },
  );
  return Number(/Active: ([\d.]+) ms/.exec(said)?.[1]);
}
