import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readRunning } from "../../dev/running.ts";
import { freePort } from "../support/processes.ts";
import { findPromtool, laneAvailable } from "../support/servers.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const dataDir = mkdtempSync(join(tmpdir(), "outreach-operations-"));
const METRICS_TOKEN = "a-token-of-the-scraper";
const handbook = readFileSync(join(root, "docs/operations.md"), "utf8");

/** Fenced blocks, also those within a list. @param info what stands behind the fence */
function blocks(info: string): string[] {
  const fence = new RegExp(`^( *)\`\`\`${info}\\n([\\s\\S]*?)^\\1\`\`\``, "gm");
  return [...handbook.matchAll(fence)].map(([, indent = "", body = ""]) =>
    body.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
  );
}

const promtool = laneAvailable("promtool", findPromtool());
const local = blocks("sh local").filter((block) => promtool || !block.includes("promtool"));

let system: ChildProcess;
let variables: Record<string, string>;

beforeAll(async () => {
  const port = await freePort();
  system = spawn(process.execPath, ["dev/start.ts"], {
    cwd: root,
    env: { ...process.env, PORT: String(port), DATA_DIR: dataDir, METRICS_TOKEN },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = createInterface({ input: system.stdout as NonNullable<typeof system.stdout> });
  for await (const line of lines) if (line.startsWith("ready")) break;
  const token = spawnSync(process.execPath, ["dev/token.ts", "OWNER"], {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, DATA_DIR: dataDir },
  });
  const running = readRunning(dataDir);
  variables = {
    URL: running?.url ?? "",
    METRICS_TOKEN,
    TOKEN: token.stdout.trim(),
    DATABASE_URL: "postgres://outreach:outreach@localhost/outreach",
    DATABASE_HTTP_ENDPOINT: running?.databaseHttpEndpoint ?? "",
  };
}, 120_000);

afterAll(async () => {
  const exit = once(system, "exit");
  system.kill("SIGINT");
  await exit;
  rmSync(dataDir, { recursive: true, force: true });
});

describe("the handbook's commands", () => {
  it("are there", () => {
    expect(local.length).toBeGreaterThanOrEqual(7);
  });

  it.each(local)(
    "run: %s",
    (block) => {
      const { status, stdout, stderr } = spawnSync("bash", ["-euo", "pipefail", "-c", block], {
        cwd: root,
        encoding: "utf8",
        env: { ...process.env, ...variables },
      });
      expect(status, `${stdout}\n${stderr}`).toBe(0);
    },
    60_000,
  );

  it("use only what the installed wrangler knows", () => {
    const commands = blocks("sh")
      .flatMap((block) => block.split("\n"))
      .filter((line) => line.startsWith("npx wrangler "));
    expect(commands.length).toBeGreaterThanOrEqual(5);
    for (const command of commands) {
      const words = command.replace("npx wrangler ", "").split(" ");
      const verbs = words.slice(
        0,
        words.findIndex((word) => /^(-|[A-Z])/.test(word)),
      );
      const wrangler = join(root, "node_modules/wrangler/bin/wrangler.js");
      const help = spawnSync(process.execPath, [wrangler, ...verbs, "--help"], {
        cwd: root,
        encoding: "utf8",
      });
      expect(help.stdout, command).toContain(`wrangler ${verbs.join(" ")}`);
      for (const option of command.match(/--[a-z-]+/g) ?? []) {
        expect(help.stdout, command).toContain(option);
      }
    }
  }, 60_000);

  it("name only npm scripts that there are", () => {
    const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
      scripts: Record<string, string>;
    };
    for (const [, name = ""] of handbook.matchAll(/npm run (?:--silent )?([a-z:]+)/g)) {
      expect(scripts).toHaveProperty(name);
    }
  });
});

describe("the handbook and the threat model", () => {
  it.each(["docs/operations.md", "docs/threat-model.md"])("%s names files that exist", (path) => {
    const text = readFileSync(join(root, path), "utf8");
    const named = [...text.matchAll(/`((?:src|test|dev|migrations)\/[\w./-]+)`/g)];
    expect(named.length).toBeGreaterThan(0);
    for (const [, file = ""] of named) expect(existsSync(join(root, file)), file).toBe(true);
  });

  it("link to headings and files that exist", () => {
    const anchors = [...handbook.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\w -]/g, "")
        .replaceAll(" ", "-"),
    );
    for (const [, target = ""] of handbook.matchAll(/\]\(([^)]+)\)/g)) {
      const [file = "", anchor] = target.split("#");
      if (file !== "") expect(existsSync(join(root, "docs", file)), target).toBe(true);
      else expect(anchors, target).toContain(anchor);
    }
  });
});
