/** `npm run bench [-- name …]`: measures all figures, or those named, and writes RESULTS.md. */
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

const path = join(folder, "RESULTS.md");
const machine = describeMachine();
let missed = 0;
for (const name of named.length > 0 ? named : known) {
  const { figure } = (await import(`./${name}.figure.ts`)) as { figure: Figure };
  console.log(`${name}: ${figure.title} …`);
  const results = (await figure.measure()).map(summarise);
  missed += results.filter(({ met }) => met === false).length;
  console.table(
    results.map((result) => ({
      what: result.what,
      median: `${format(result.median)} ${result.unit}`.trim(),
      spread: `${format(result.smallest)} – ${format(result.largest)}`,
      target: targetOf(result),
      met: result.met ?? "",
    })),
  );
  // At once: what comes next may fail.
  const before = existsSync(path) ? readFileSync(path, "utf8") : "";
  writeFileSync(path, mergeSections(before, [sectionOf(figure, results, machine)]));
}

console.log(`written: ${path}`);
if (missed > 0) {
  console.error(`${missed} missed`);
  process.exitCode = 1;
}
