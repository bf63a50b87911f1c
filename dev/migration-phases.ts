import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../migrations/", import.meta.url));

/**
 * A migration either expands the schema, so that the version before this one still works with it, or
 * it contracts it, and then its name says so: `0007_contract_drop_fax` (ADR-0011).
 */
export type Phase = "expand" | "contract";

export interface Migration {
  readonly tag: string;
  /** Milliseconds since 1970; what drizzle knows a migration by. */
  readonly when: number;
  readonly phase: Phase;
}

export function phaseOf(tag: string): Phase {
  return /^\d+_contract_/.test(tag) ? "contract" : "expand";
}

/** All migrations in the order in which they are applied. */
export function readMigrations(): Migration[] {
  const journal = JSON.parse(readFileSync(`${folder}meta/_journal.json`, "utf8")) as {
    entries: { tag: string; when: number }[];
  };
  return journal.entries.map(({ tag, when }) => ({ tag, when, phase: phaseOf(tag) }));
}

/**
 * Of the migrations that are missing, those to apply now and those that wait for `--contract`.
 * @throws when a contraction stands before an expansion: it has to be applied first, knowingly
 */
export function splitMissing(missing: readonly Migration[], phase: Phase) {
  if (phase === "contract") return { now: [...missing], later: [] };
  const first = missing.findIndex((migration) => migration.phase === "contract");
  if (first === -1) return { now: [...missing], later: [] };
  const later = missing.slice(first);
  const stuck = later.find((migration) => migration.phase === "expand");
  if (stuck !== undefined) {
    throw new Error(
      `${later[0]?.tag} waits to contract the schema, and ${stuck.tag} comes after it: run it first, with --contract`,
    );
  }
  return { now: missing.slice(0, first), later };
}

/** What the version before this one could not bear. */
const CONTRACTIONS: readonly (readonly [pattern: RegExp, what: string])[] = [
  [/\bDROP\s+(TABLE|COLUMN|SCHEMA|TYPE|VIEW|SEQUENCE|FUNCTION)\b/i, "drops"],
  [/\bRENAME\b/i, "renames"],
  [/\bALTER\s+COLUMN\s+\S+\s+(SET\s+DATA\s+)?TYPE\b/i, "changes a type"],
  [/\bALTER\s+COLUMN\s+\S+\s+SET\s+NOT\s+NULL\b/i, "forbids NULL"],
  [/\bADD\s+COLUMN\b(?![^,;]*\bDEFAULT\b)[^,;]*\bNOT\s+NULL\b/i, "demands a value"],
];

/** A comment in a statement with which its author vouches for it: `-- expands: why`. */
const VOUCHED = /--\s*expands:\s*\S/;

/**
 * What a migration does that only a contraction may do.
 * @param sql of a whole migration file
 */
export function contractionsIn(sql: string): string[] {
  return sql
    .split("--> statement-breakpoint")
    .filter((statement) => !VOUCHED.test(statement))
    .flatMap((statement) => {
      // Neither comments nor the bodies of functions and literals change the schema.
      const bare = statement
        .replaceAll(/--.*$/gm, "")
        .replaceAll(/\$(\w*)\$[\s\S]*?\$\1\$/g, "$$$$")
        .replaceAll(/'(?:[^']|'')*'/g, "''");
      return CONTRACTIONS.filter(([pattern]) => pattern.test(bare)).map(([, what]) => what);
    });
}

/** Migrations that contract the schema without saying so in their name. */
export function unnamedContractions(): string[] {
  return readMigrations()
    .filter(({ phase }) => phase === "expand")
    .flatMap(({ tag }) => {
      const found = contractionsIn(readFileSync(`${folder}${tag}.sql`, "utf8"));
      return found.map((what) => `${tag} ${what}`);
    });
}

if (import.meta.main) {
  const found = unnamedContractions();
  for (const complaint of found) console.error(complaint);
  if (found.length > 0) {
    console.error(
      "The version that is serving could not work with that. Split the migration, name the part that contracts NNNN_contract_…, or write `-- expands: why` into the statement (docs/adr/0011-expand-then-contract.md).",
    );
    process.exit(1);
  }
}
