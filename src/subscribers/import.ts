import type { Principal } from "../auth/principal.ts";
import { emailKey } from "../db/email-key.ts";
import type { Deps } from "../deps.ts";
import { Problem, problemTitle } from "../http/problem.ts";
import { addSubscribers, hashesOfErased, type NewSubscriber } from "./add.ts";
import { announceImport } from "./announce.ts";
import { type FileFormat, type FileLine, linesOf } from "./import-file.ts";
import {
  IMPORT_MAX_ERRORS,
  IMPORT_MAX_LINES,
  type ImportedLine,
  type ImportMessage,
  importedLine,
  type SkipCode,
} from "./import-schema.ts";

type Importing = Pick<Deps, "db" | "config" | "signer" | "publish" | "now">;
type Refusal = Omit<Extract<ImportMessage, { type: "error" }>, "type">;

const BATCH = 1_000;
const DEFAULT_SOURCE = "import";

/**
 * Puts the lines of a file on the list, a thousand in one statement, and tells how it goes. Whoever is
 * known, has left or was erased stays as they are, so a file can be imported again. Ends where its reader
 * stops; what was added until then stays.
 * @throws {Problem} before the first message, when nothing of the file can be read
 */
export async function* importSubscribers(
  deps: Importing,
  { subject: actor }: Principal,
  body: ReadableStream<Uint8Array>,
  options: { format: FileFormat; gzip: boolean; dryRun: boolean },
): AsyncGenerator<ImportMessage> {
  const { dryRun } = options;
  const counters = { read: 0, added: 0, skipped: 0 };
  const skippedByCode: Partial<Record<SkipCode, number>> = {};
  // Of 12 characters, so that a file of 200,000 lines takes some megabytes.
  const seen = new Set<string>();
  const store = (lines: readonly FileLine[]) => storeBatch(deps, lines, { actor, dryRun, seen });
  try {
    for await (const lines of batchesOf(linesOf(body, options))) {
      if (lines.length === 0) {
        yield { type: "progress", ...counters };
        continue;
      }
      const { added, refusals } = await store(lines);
      for (const refusal of refusals) {
        if (counters.skipped < IMPORT_MAX_ERRORS) yield { type: "error", ...refusal };
        counters.skipped += 1;
        skippedByCode[refusal.code] = (skippedByCode[refusal.code] ?? 0) + 1;
      }
      counters.read += lines.length;
      counters.added += added;
      yield { type: "progress", ...counters };
    }
    const errorsOmitted = Math.max(0, counters.skipped - IMPORT_MAX_ERRORS);
    yield { type: "result", dryRun, ...counters, skippedByCode, errorsOmitted };
  } finally {
    if (!dryRun) announceImport(deps, counters.added);
  }
}

/** The lines in batches; first an empty one, as soon as it is clear that the file can be read. */
async function* batchesOf(lines: AsyncIterable<FileLine>): AsyncGenerator<FileLine[]> {
  let batch: FileLine[] = [];
  let read = 0;
  for await (const line of lines) {
    if (read === 0) yield [];
    read += 1;
    if (read > IMPORT_MAX_LINES) throw new Problem("body_too_large");
    batch.push(line);
    if (batch.length === BATCH) {
      yield batch;
      batch = [];
    }
  }
  if (read === 0) yield [];
  if (batch.length > 0) yield batch;
}

async function storeBatch(
  deps: Importing,
  lines: readonly FileLine[],
  { actor, dryRun, seen }: { actor: string; dryRun: boolean; seen: Set<string> },
): Promise<{ added: number; refusals: Refusal[] }> {
  const refusals: Refusal[] = [];
  const people: NewSubscriber[] = [];
  const now = deps.now().toISOString();
  for (const { line, fields } of lines) {
    const refuse = (code: SkipCode, detail: string, field?: string) =>
      refusals.push({ line, code, detail, ...(field !== undefined && { field }) });
    if (fields === undefined) {
      refuse("invalid_line", "The line is not a JSON object");
      continue;
    }
    const parsed = importedLine.safeParse(fields);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      const field = String(issue?.path[0] ?? "");
      const missing = fields[field] === undefined;
      refuse("invalid_value", missing ? "is required" : (issue?.message ?? ""), field);
      continue;
    }
    const key = emailKey(parsed.data.email);
    const suppressionHashes = await hashesOfErased(deps, key);
    const mark = suppressionHashes[0]?.slice(0, 12) ?? key;
    if (seen.has(mark)) {
      refuse("duplicate_in_file", "An earlier line has this address");
      continue;
    }
    seen.add(mark);
    const gone = whyGone(parsed.data);
    if (gone === undefined) {
      people.push(personOf(line, parsed.data, { emailKey: key, suppressionHashes, now }));
    } else refuse(gone, problemTitle(gone));
  }
  const { nodeId } = deps.config;
  const outcomes =
    people.length === 0 ? [] : await addSubscribers(deps.db, { nodeId, actor, people, dryRun });
  for (const { line, outcome } of outcomes) {
    if (outcome !== "added") refusals.push({ line, code: outcome, detail: problemTitle(outcome) });
  }
  refusals.sort((a, b) => a.line - b.line);
  return { added: lines.length - refusals.length, refusals };
}

/** An export of ours says who had left: importing it elsewhere brings nobody back. */
function whyGone({ status, deletedAt }: ImportedLine) {
  if (deletedAt !== undefined) return "subscriber_in_bin";
  return status === undefined || status.toUpperCase() === "ACTIVE"
    ? undefined
    : "subscriber_unsubscribed";
}

function personOf(
  line: number,
  { email, name, source = DEFAULT_SOURCE, locale, ...given }: ImportedLine,
  known: { emailKey: string; suppressionHashes: readonly string[]; now: string },
): NewSubscriber {
  const { now, ...address } = known;
  const { consentPage: page, consentWording: wording } = given;
  const subscribedAt = given.subscribedAt?.toISOString() ?? now;
  const at = given.consentAt ?? given.subscribedAt?.toISOString();
  const consented = at !== undefined || page !== undefined || wording !== undefined;
  return {
    line,
    email,
    ...address,
    name,
    source,
    locale,
    consent: consented ? { at: at ?? now, page, wording } : undefined,
    subscribedAt,
  };
}
