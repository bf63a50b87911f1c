import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { mayBeInPage } from "../../dev/build-assets.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** Lints a tree of these files under the project's own configuration. @returns the rules broken */
function lint(files: Readonly<Record<string, string>>): string[] {
  const folder = mkdtempSync(join(tmpdir(), "outreach-lint-"));
  folders.push(folder);
  cpSync(join(root, "biome.json"), join(folder, "biome.json"));
  for (const [path, source] of Object.entries(files)) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    writeFileSync(join(folder, path), source);
  }
  const { stdout } = spawnSync(
    join(root, "node_modules/.bin/biome"),
    ["lint", "--vcs-enabled=false", "--reporter=json", "."],
    { cwd: folder, encoding: "utf8" },
  );
  const report = JSON.parse(stdout) as { diagnostics: { category: string }[] };
  return report.diagnostics.map(({ category }) => category);
}

describe("the linter", () => {
  it.each([
    ["src/config.ts", "./http/problem.ts"],
    ["src/telemetry/logger.ts", "../config.ts"],
    ["src/db/client.ts", "../inquiries/schema.ts"],
    ["src/db/client.ts", "../http/problem.ts"],
    ["src/auth/tokens.ts", "hono"],
    ["src/auth/tokens.ts", "../rooms/protocol.ts"],
    ["src/limits/client.ts", "hono/cors"],
    ["src/http/router.ts", "../inquiries/routes.ts"],
    ["src/http/middleware/request-id.ts", "../../app.ts"],
    ["src/inquiries/routes.ts", "../rooms/room.ts"],
    ["src/rooms/routes.ts", "../inquiries/service.ts"],
    ["src/health/routes.ts", "../inquiries/service.ts"],
    ["src/docs/routes.ts", "../app.ts"],
    ["src/me/routes.ts", "../inquiries/service.ts"],
    ["src/me/service.ts", "../inquiries/service.ts"],
    ["src/me/service.ts", "hono"],
    ["src/rooms/routes.ts", "../me/service.ts"],
    ["src/inquiries/service.ts", "hono"],
    ["src/inquiries/service.ts", "../rooms/publish.ts"],
    ["src/inquiries/repository.ts", "../app.ts"],
    ["src/inquiries/changes.ts", "hono"],
    ["src/inquiries/routes.ts", "../privacy/service.ts"],
    ["src/privacy/service.ts", "../inquiries/service.ts"],
    ["src/privacy/repository.ts", "hono"],
  ])("refuses that %s imports %s", (path, specifier) => {
    expect(lint({ [path]: `import "${specifier}";\n` })).toContain(
      "lint/style/noRestrictedImports",
    );
  });

  it.each([
    ["src/app.ts", "./inquiries/routes.ts"],
    ["src/inquiries/routes.ts", "../http/router.ts"],
    ["src/inquiries/service.ts", "../intake/idempotency.ts"],
    ["src/http/middleware/authenticate.ts", "../../auth/tokens.ts"],
    ["src/deps.ts", "./rooms/publish.ts"],
    ["src/me/service.ts", "../auth/principal.ts"],
  ])("allows that %s imports %s", (path, specifier) => {
    expect(lint({ [path]: `import "${specifier}";\n` })).toEqual([]);
  });

  it("refuses a cycle of imports", () => {
    expect(
      lint({
        "src/a.ts": 'import { b } from "./b.ts";\nexport const a = () => b;\n',
        "src/b.ts": 'import { a } from "./a.ts";\nexport const b = () => a;\n',
      }),
    ).toContain("lint/suspicious/noImportCycles");
  });
});

describe("the dashboard's build", () => {
  it.each(["src/inquiries/status.ts", "src/app.ts", "src/rooms/room.ts"])(
    "refuses %s, of which only types may be imported",
    (path) => expect(mayBeInPage(join(root, path))).toBe(false),
  );

  it.each(["src/rooms/protocol.ts", "src/rooms/client.ts", "src/dashboard/main.tsx"])(
    "takes %s",
    (path) => expect(mayBeInPage(join(root, path))).toBe(true),
  );
});
