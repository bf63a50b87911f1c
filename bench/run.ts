/**
 * `npm run bench [-- name …]`: measures all figures, or those named, and writes RESULTS.md. Each in a
 * process of its own: what one leaves behind (a heap, the driver's one hook) is not the next one's.
 */
import { spawnSync } from "node:child_process";
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { type Figure, summarise } from "./figure.ts";
import { describeMachine, format, mergeSections, sectionOf, targetOf } from "./results.ts";

const folder = import.meta.dirname;
const known = globSync(join(folder, "*.figure.ts"))
  .map((file) => basename(file, ".figure.ts"))
  .sort();

const named = process.argv.slice(2);
const unknown = named.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`There is no figure ${unknown.join(", ")}. Known: ${known.join(", ")}.`);
  process.exit(1);
}

const [name = "", ...others] = named.length > 0 ? named : known;
if (others.length > 0) {
  const failed = [name, ...others].filter(
    (each) =>
      spawnSync(process.execPath, [import.meta.filename, each], { stdio: "inherit" }).status !== 0,
  );
  if (failed.length > 0) console.error(`missed a target or failed: ${failed.join(", ")}`);
  process.exit(failed.length > 0 ? 1 : 0);
}

const { figure } = (await import(`./${name}.figure.ts`)) as { figure: Figure };
console.log(`${name}: ${figure.title} …`);
const results = (await figure.measure()).map(summarise);
console.table(
  results.map((result) => ({
    what: result.what,
    median: `${format(result.median)} ${result.unit}`.trim(),
    spread: `${format(result.smallest)} – ${format(result.largest)}`,
    target: targetOf(result),
    met: result.met ?? "",
  })),
);
const path = join(folder, "RESULTS.md");
const before = existsSync(path) ? readFileSync(path, "utf8") : "";
writeFileSync(path, mergeSections(before, [sectionOf(figure, results, describeMachine())]));
console.log(`written: ${path}`);

const missed = results.filter(({ met }) => met === false).length;
if (missed > 0) {
  console.error(`${missed} missed`);
  process.exitCode = 1;
}
