import { execFileSync } from "node:child_process";
import { cpus, totalmem } from "node:os";
import type { Figure, Result } from "./figure.ts";

const HEADER = `# Results

Made by \`npm run bench\`. Each section is of the day and the machine that it names; a figure that is
measured again replaces its own section only. Medians of the runs; in brackets the smallest
and the largest.
`;

/** Date, machine and state of the code: what a number means nothing without. */
export function describeMachine(): string {
  const [cpu] = cpus();
  const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
  const memory = Math.round(totalmem() / 2 ** 30);
  return [
    new Date().toISOString().slice(0, 10),
    `${cpus().length} × ${cpu?.model.trim() ?? "unknown processor"}`,
    `${memory} GiB`,
    `Node ${process.versions.node}`,
    `after ${commit}`,
  ].join(", ");
}

/** The section of one figure in RESULTS.md. */
export function sectionOf(figure: Figure, results: readonly Result[], machine: string): string {
  return `## ${figure.title}

${figure.how}

${machine}

| | median (spread) | target | |
|---|---|---|---|
${results.map(lineOf).join("\n")}
${notesOf(results)}`;
}

function lineOf(result: Result): string {
  const { what, unit, median, smallest, largest } = result;
  const spread = smallest === largest ? "" : ` (${format(smallest)}–${format(largest)})`;
  const verdict = { true: "met", false: "**missed**", undefined: "" }[String(result.met)];
  return `| ${what} | ${format(median)}${unit && ` ${unit}`}${spread} | ${targetOf(result)} | ${verdict} |`;
}

function notesOf(results: readonly Result[]): string {
  const noted = results.filter(({ note }) => note !== undefined);
  return noted.map(({ what, note }) => `\n- ${what}: ${note}`).join("");
}

export function targetOf({ target }: Result): string {
  if (target === undefined) return "";
  return "atMost" in target ? `≤ ${format(target.atMost)}` : `≥ ${format(target.atLeast)}`;
}

/** Three significant digits; whole numbers as they are. */
export function format(value: number): string {
  if (Number.isInteger(value)) return value.toLocaleString("en");
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString("en");
  return String(Number(value.toPrecision(3)));
}

/** RESULTS.md with these sections in place of older ones of the same titles; others stay. */
export function mergeSections(document: string, sections: readonly string[]): string {
  const titleOf = (section: string) => section.slice(0, section.indexOf("\n"));
  const kept = document.split(/^(?=## )/m).filter((part) => part.startsWith("## "));
  const byTitle = new Map(
    [...kept, ...sections].map((part) => [titleOf(part), `${part.trim()}\n`]),
  );
  const sorted = [...byTitle].sort(([a], [b]) => a.localeCompare(b, "en"));
  return [HEADER, ...sorted.map(([, part]) => part)].join("\n");
}
