import type { ImportMessage } from "../../subscribers/import-schema.ts";
import { api } from "../api/client.ts";
import { ApiProblem, throwProblem } from "../api/problem.ts";
import { readNdjson } from "../transfer/read-ndjson.ts";
import { createRowCounter, type ExportFormat } from "../transfer/row-counter.ts";

type Message<T extends ImportMessage["type"]> = Extract<ImportMessage, { type: T }>;
export type LineError = Message<"error">;

export interface ImportReport extends Message<"result"> {
  readonly errors: readonly LineError[];
}

const TYPES: Readonly<Record<ExportFormat, string>> = {
  csv: "text/csv",
  ndjson: "application/x-ndjson",
};

/** By its name: what the system calls its type differs from machine to machine. */
function formatOf({ name }: File): ExportFormat {
  return /\.(ndjson|jsonl)$/i.test(name) ? "ndjson" : "csv";
}

/** How many lines of data a file holds. */
export async function countLines(file: File): Promise<number> {
  const count = createRowCounter(formatOf(file));
  let lines = 0;
  const reader = file.stream().getReader();
  let last = 0x0a;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    lines = count(value);
    last = value.at(-1) ?? last;
  }
  // The last line need not end.
  return last === 0x0a ? lines : lines + 1;
}

/**
 * Sends a file as it is on disk, never the whole of it in memory, and reads how it goes.
 * @param options.dryRun says what would become of each line, and stores nothing
 * @throws {ApiProblem} also where it broke off: what was added until then stays
 */
export async function runImport(options: {
  file: File;
  dryRun: boolean;
  signal: AbortSignal;
  onProgress: (read: number) => void;
}): Promise<ImportReport> {
  const { file, dryRun, signal, onProgress } = options;
  const answer = await api.subscribers.import.$post(
    { query: { dryRun: dryRun ? "true" : "false" } },
    { init: { body: file, headers: { "content-type": TYPES[formatOf(file)] }, signal } },
  );
  if (!answer.ok || !answer.body) return throwProblem(answer as unknown as Response);
  const errors: LineError[] = [];
  for await (const message of readNdjson<ImportMessage>(answer.body)) {
    if (message.type === "progress") onProgress(message.read);
    else if (message.type === "error") errors.push(message);
    else if (message.type === "result") return { ...message, errors };
    else throw new ApiProblem({ ...message, status: 0, type: "" });
  }
  throw new ApiProblem({ code: "unreachable", status: 0, title: "The answer broke off" });
}
