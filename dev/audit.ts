import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

export type Verdict =
  | { readonly ok: true; readonly note: string | undefined }
  | { readonly ok: false; readonly packages: readonly string[] };

/** From this severity on a known weakness of a package that reaches production stops a change. */
const STOPS: ReadonlySet<unknown> = new Set(["high", "critical"]);

/**
 * What `npm audit --json` means. A registry without advisories (many mirrors have none) is no reason
 * to stop work, but it is said.
 */
export function judgeAudit(stdout: string): Verdict {
  let report: { vulnerabilities?: Record<string, { severity: string }>; message?: string };
  try {
    report = JSON.parse(stdout) as typeof report;
  } catch {
    return { ok: true, note: "not audited: npm audit gave no report" };
  }
  if (report.vulnerabilities === undefined) {
    return { ok: true, note: "not audited: this registry has no advisories" };
  }
  const packages = Object.entries(report.vulnerabilities)
    .filter(([, { severity }]) => STOPS.has(severity))
    .map(([name, { severity }]) => `${name} (${severity})`);
  return packages.length === 0 ? { ok: true, note: undefined } : { ok: false, packages };
}

if (import.meta.main) {
  const { stdout } = spawnSync("npm", ["audit", "--json", "--omit=dev"], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
    shell: process.platform === "win32",
  });
  const verdict = judgeAudit(stdout ?? "");
  if (verdict.ok) console.log(verdict.note ?? "no known weakness of high severity");
  else {
    console.error(`known weaknesses: ${verdict.packages.join(", ")}; see npm audit --omit=dev`);
    process.exitCode = 1;
  }
}
