import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { judgeAudit } from "../../dev/audit.ts";
import { DeployRefused, deploy, type World } from "../../dev/deploy.ts";
import { contractionsIn, type Migration, splitMissing } from "../../dev/migration-phases.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** What `/readyz` says. */
const readiness = (...down: string[]) =>
  JSON.stringify({
    parts: Object.fromEntries(
      ["postgres", "migrations", "jwks", "rooms"].map((name) => [
        name,
        { state: down.includes(name) ? "down" : "up" },
      ]),
    ),
  });

/** A world that takes everything down and does nothing. */
function aWorld(changes: Partial<World> & { secrets?: string[]; dirty?: boolean } = {}) {
  const { secrets = ["DATABASE_URL", "SIGNING_KEY"], dirty = false, ...rest } = changes;
  const done: string[] = [];
  const said: string[] = [];
  const world: World = {
    run(command, args) {
      const line = [command, ...args].join(" ");
      done.push(line);
      if (line.startsWith("git status"))
        return { status: 0, stdout: dirty ? " M src/app.ts\n" : "" };
      if (line.startsWith("git rev-parse")) return { status: 0, stdout: "0badcafe0bad\n" };
      if (line.startsWith("wrangler secret")) {
        return { status: 0, stdout: JSON.stringify(secrets.map((name) => ({ name }))) };
      }
      return { status: 0, stdout: "" };
    },
    say: (line) => void said.push(line),
    build: async () => void done.push("build"),
    migrate: async ({ phase }) => {
      done.push(`migrate ${phase}`);
      return { applied: 1, waiting: [], rulesAdded: 0, rulesRemoved: 0 };
    },
    ask: async (url) => {
      done.push(`ask ${url}`);
      return { status: 200, body: readiness() };
    },
    wait: async () => {},
    env: { DATABASE_URL: "postgres://somebody:secret@db.shop.test/outreach" },
    config: { vars: { PUBLIC_BASE_URL: "https://outreach.shop.test" }, routes: [] },
    ...rest,
  };
  return { world, done, said };
}

const usual = { dryRun: false, contract: false };
const TOUCHING = /^(wrangler deploy --env|migrate|ask|wrangler secret)/;

describe("npm run deploy", () => {
  it("checks, builds, expands, deploys and looks, in this order", async () => {
    const { world, done } = aWorld();
    await deploy(usual, world);
    expect(done).toEqual([
      "git status --porcelain",
      "git rev-parse --short=12 HEAD",
      "wrangler secret list --env production --format json",
      "npm run --silent check",
      "build",
      "wrangler deploy --dry-run --env production --outdir dist/worker",
      "migrate expand",
      "wrangler deploy --env production --tag 0badcafe0bad",
      "ask https://outreach.shop.test/readyz",
    ]);
  });

  it("contracts the schema last, and only when told to", async () => {
    const { world, done } = aWorld();
    await deploy({ ...usual, contract: true }, world);
    expect(done.at(-1)).toBe("migrate contract");
  });

  it.each([
    ["the tree is not clean", { dirty: true }, /clean/],
    ["a secret is missing", { secrets: ["DATABASE_URL"] }, /SIGNING_KEY/],
    ["the database is not named", { env: {} }, /DATABASE_URL/],
    [
      "a placeholder is left",
      { config: { vars: { IDENTITY_ISSUER: "https://identity.example.com" }, routes: [] } },
      /IDENTITY_ISSUER/,
    ],
  ])("refuses when %s, before anything is touched", async (_name, changes, complaint) => {
    const { world, done } = aWorld(changes);
    await expect(deploy(usual, world)).rejects.toThrow(complaint);
    expect(done.filter((line) => /^(wrangler deploy|migrate)/.test(line))).toEqual([]);
  });

  it("does not deploy what does not pass the checks", async () => {
    const { world, done } = aWorld();
    const { run } = world;
    const failing: World = {
      ...world,
      run: (command, args) => (command === "npm" ? { status: 1, stdout: "" } : run(command, args)),
    };
    await expect(deploy(usual, failing)).rejects.toThrow(DeployRefused);
    expect(done.join("\n")).not.toMatch(/migrate|wrangler deploy/);
  });

  it.each([
    ["is not ready", 503, "postgres down"],
    ["does not reach its database", 200, readiness("postgres")],
    ["has another database than the one that was migrated", 200, readiness("migrations")],
    ["is not what the address leads to", 200, "<h1>It works!</h1>"],
    ["cannot tell who anybody is", 200, readiness("jwks")],
  ])(
    "says that a rollback is to be considered when what it deployed %s",
    async (_, status, body) => {
      const { world, done } = aWorld({ ask: async () => ({ status, body }) });
      await expect(deploy({ ...usual, contract: true }, world)).rejects.toThrow(/rollback/);
      expect(done).not.toContain("migrate contract");
    },
  );

  it("is not held up by a part that visitors and staff can do without", async () => {
    const { world } = aWorld({ ask: async () => ({ status: 200, body: readiness("rooms") }) });
    await deploy(usual, world);
  });

  it("migrates where the Worker will ask", async () => {
    const asked: Parameters<World["migrate"]>[0][] = [];
    const vars = { PUBLIC_BASE_URL: "https://outreach.shop.test" };
    const endpoint = "https://postgres.shop.test/sql";
    const { world } = aWorld({
      config: { vars: { ...vars, DATABASE_HTTP_ENDPOINT: endpoint }, routes: [] },
      migrate: async (options) => {
        asked.push(options);
        return { applied: 0, waiting: [], rulesAdded: 0, rulesRemoved: 0 };
      },
    });
    await deploy({ ...usual, contract: true }, world);
    expect(asked.map(({ httpEndpoint }) => httpEndpoint)).toEqual([endpoint, endpoint]);
  });

  it("touches nothing in a dry run, and needs neither credentials nor secrets", async () => {
    const { world, done, said } = aWorld({ env: {}, secrets: [] });
    await deploy({ dryRun: true, contract: true }, world);
    expect(done.filter((line) => TOUCHING.test(line))).toEqual([]);
    expect(said.filter((line) => line.startsWith("would:"))).toHaveLength(5);
    expect(said.join("\n")).not.toContain("secret@");
  });

  it("passes as a dry run in a clean clone, and refuses a dirty one", () => {
    const clone = aClone();
    const run = () =>
      spawnSync(process.execPath, ["dev/deploy.ts", "--dry-run"], {
        cwd: clone,
        encoding: "utf8",
        env: { PATH: `${join(root, "node_modules/.bin")}:${process.env["PATH"]}`, HOME: clone },
      });
    const clean = run();
    expect(clean.stderr).not.toContain("not deployed");
    expect(clean.status).toBe(0);
    expect(clean.stdout).toContain("would: apply those that are missing, and the seeds");
    expect(clean.stdout).toMatch(/would: wrangler deploy --env production --tag [0-9a-f]{12}/);
    expect(clean.stdout).toContain("dry run: nothing was touched");
    writeFileSync(join(clone, "forgotten.txt"), "");
    const dirty = run();
    expect(dirty.status).toBe(1);
    expect(dirty.stderr).toContain("not clean");
  }, 180_000);
});

/** The working tree's files, committed, as somebody else would have them. */
function aClone(): string {
  const clone = mkdtempSync(join(tmpdir(), "outreach-clone-"));
  onTestFinished(() => rmSync(clone, { recursive: true }));
  const list = ["ls-files", "--cached", "--others", "--exclude-standard"];
  const files = execFileSync("git", list, { cwd: root, encoding: "utf8" }).trim().split("\n");
  for (const file of files) {
    mkdirSync(dirname(join(clone, file)), { recursive: true });
    cpSync(join(root, file), join(clone, file), { force: true });
  }
  symlinkSync(join(root, "node_modules"), join(clone, "node_modules"));
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@t.test", ...args], {
      cwd: clone,
    });
  git("init", "--quiet");
  writeFileSync(
    join(clone, ".git/info/exclude"),
    "node_modules\n.wrangler\n.npm\n.config\n.cache\n",
  );
  git("add", "--all");
  git("commit", "--quiet", "--message", "A clone");
  return clone;
}

describe("expand, then contract", () => {
  const migration = (tag: string, phase: Migration["phase"]): Migration => ({
    tag,
    phase,
    when: 0,
  });

  it("leaves what contracts the schema for later", () => {
    const missing = [migration("0002_a", "expand"), migration("0003_contract_b", "contract")];
    const { now, later } = splitMissing(missing, "expand");
    expect([now, later].map((list) => list.map(({ tag }) => tag))).toEqual([
      ["0002_a"],
      ["0003_contract_b"],
    ]);
    expect(splitMissing(missing, "contract").now).toHaveLength(2);
  });

  it("does not let an expansion overtake a contraction", () => {
    const missing = [migration("0003_contract_b", "contract"), migration("0004_c", "expand")];
    expect(() => splitMissing(missing, "expand")).toThrow(/0003_contract_b/);
  });

  it.each([
    ["ALTER TABLE inquiries DROP COLUMN fax", "drops"],
    ["DROP TABLE inquiries", "drops"],
    ["ALTER TABLE inquiries RENAME COLUMN a TO b", "renames"],
    ["ALTER TABLE inquiries ALTER COLUMN a SET DATA TYPE bigint", "changes a type"],
    ["ALTER TABLE inquiries ALTER COLUMN a SET NOT NULL", "forbids NULL"],
    ['ALTER TABLE inquiries ADD COLUMN "a" text NOT NULL', "demands a value"],
  ])("sees that %s contracts", (sql, what) => {
    expect(contractionsIn(sql)).toEqual([what]);
  });

  it.each([
    "ALTER TABLE inquiries ADD COLUMN \"a\" text DEFAULT 'x' NOT NULL",
    "ALTER TABLE inquiries ADD COLUMN a text",
    "ALTER TABLE inquiries ALTER COLUMN a DROP NOT NULL",
    "CREATE TABLE a (b text NOT NULL)",
    "DROP INDEX a; CREATE INDEX b ON c (d)",
    "-- nobody may RENAME this\nCREATE INDEX b ON c (d)",
    "CREATE FUNCTION f() RETURNS void AS $$ DROP TABLE x $$ LANGUAGE sql",
    "-- expands: the column was never read\nALTER TABLE inquiries DROP COLUMN fax",
  ])("sees that %s does not", (sql) => {
    expect(contractionsIn(sql)).toEqual([]);
  });
});

describe("the audit", () => {
  it.each([
    ["a weakness of high severity", { vulnerabilities: { x: { severity: "high" } } }, false],
    ["a weakness of low severity", { vulnerabilities: { x: { severity: "low" } } }, true],
    ["nothing known", { vulnerabilities: {} }, true],
    ["a registry without advisories", { message: "405 Method Not Allowed" }, true],
  ])("judges %s", (_name, report, ok) => {
    expect(judgeAudit(JSON.stringify(report)).ok).toBe(ok);
  });

  it("says when there was no report", () => {
    expect(judgeAudit("")).toMatchObject({
      ok: true,
      note: expect.stringContaining("not audited"),
    });
  });
});
