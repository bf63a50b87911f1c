import { pipeline, Readable } from "node:stream";
import { parse } from "csv-parse";
import { parse as parseLine } from "csv-parse/sync";
import { readCsvCell } from "../http/export.ts";
import { Problem } from "../http/problem.ts";
import { IMPORT_MAX_BYTES, IMPORTED_FIELDS } from "./import-schema.ts";

export type FileFormat = "csv" | "ndjson";

/** A line as it was read: its fields by the names that an import knows, or that it is none. */
export interface FileLine {
  /** Where it begins, from 1. */
  readonly line: number;
  readonly fields: Readonly<Record<string, unknown>> | undefined;
}

const MAX_LINE_CHARACTERS = 64 * 1024;

/**
 * Reads a file while it arrives: never more than a line and a chunk of it are in memory.
 * @throws {Problem} `body_too_large`, `malformed_body` for what is not UTF-8, not gzip though it says so,
 *   has no column `email`, or a line of more than 64 KiB (a quote that nothing closes makes one)
 */
export function linesOf(
  body: ReadableStream<Uint8Array>,
  { format, gzip }: { format: FileFormat; gzip: boolean },
): AsyncIterable<FileLine> {
  const text = textOf(gzip ? body.pipeThrough(new DecompressionStream("gzip")) : body);
  return format === "csv" ? csvLines(text) : jsonLines(text);
}

/** The text with LF at the ends of lines, without a byte order mark. */
async function* textOf(bytes: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });
  let size = 0;
  let carriageReturn = "";
  try {
    for await (const chunk of bytes) {
      size += chunk.byteLength;
      if (size > IMPORT_MAX_BYTES) throw new Problem("body_too_large");
      const text = carriageReturn + decoder.decode(chunk, { stream: true });
      // The line feed of a pair may be in the next chunk.
      carriageReturn = text.endsWith("\r") ? "\r" : "";
      yield toLineFeeds(carriageReturn === "" ? text : text.slice(0, -1));
    }
    yield toLineFeeds(carriageReturn + decoder.decode());
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw malformed("it is not UTF-8, or not the gzip that it says it is", error);
  }
}

function toLineFeeds(text: string): string {
  return text.includes("\r") ? text.replaceAll(/\r\n?/g, "\n") : text;
}

async function* csvLines(text: AsyncGenerator<string>): AsyncGenerator<FileLine> {
  const { header, rest } = await takeHeader(text);
  const delimiter = delimiterOf(header);
  const [names = []] = parseLine(header, { delimiter, relax_quotes: true }) as string[][];
  const columns = names.map(fieldNamed);
  if (!columns.includes("email")) throw malformed("its first line names no column `email`");
  const parser = parse({
    delimiter,
    record_delimiter: "\n",
    info: true,
    max_record_size: MAX_LINE_CHARACTERS,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
  });
  // What breaks arrives where the records are read.
  pipeline(Readable.from(prepend(rest, text)), parser, () => {});
  try {
    for await (const { record, info } of parser as AsyncIterable<CsvRecord>) {
      const within = record.reduce((sum, cell) => sum + cell.split("\n").length - 1, 0);
      const fields: Record<string, string> = {};
      for (const [index, name] of columns.entries()) {
        const cell = readCsvCell(record[index] ?? "").trim();
        if (name !== undefined && cell !== "") fields[name] = cell;
      }
      // The lines that were read, of which the header is not one.
      yield { line: info.lines + 1 - within, fields };
    }
  } catch (error) {
    if (error instanceof Error && "code" in error && String(error.code).startsWith("CSV_")) {
      throw malformed("a line is too long, or a quote is never closed", error);
    }
    throw error;
  }
}

interface CsvRecord {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

async function takeHeader(text: AsyncGenerator<string>): Promise<{ header: string; rest: string }> {
  let start = "";
  for (;;) {
    const { done, value } = await text.next();
    if (!done) start += value;
    const end = start.indexOf("\n");
    if (end >= 0) return { header: start.slice(0, end), rest: start.slice(end + 1) };
    if (done) return { header: start, rest: "" };
    if (start.length > MAX_LINE_CHARACTERS) throw malformed("its first line is too long");
  }
}

async function* prepend(first: string, others: AsyncIterable<string>): AsyncGenerator<string> {
  if (first !== "") yield first;
  yield* others;
}

/** What Excel writes depends on the country. */
function delimiterOf(header: string): string {
  const count = (delimiter: string) => header.split(delimiter).length;
  return [",", ";", "\t"].reduce((best, each) => (count(each) > count(best) ? each : best));
}

const FIELDS_BY_NAME = new Map(IMPORTED_FIELDS.map((field) => [field.toLowerCase(), field]));

/** `E-Mail`, `consent_page` and `Subscribed at` are what they seem to be. */
function fieldNamed(column: string): string | undefined {
  return FIELDS_BY_NAME.get(column.toLowerCase().replaceAll(/[\s_-]/g, ""));
}

async function* jsonLines(text: AsyncIterable<string>): AsyncGenerator<FileLine> {
  let line = 0;
  let unfinished = "";
  for await (const chunk of text) {
    const lines = (unfinished + chunk).split("\n");
    unfinished = lines.pop() ?? "";
    if (unfinished.length > MAX_LINE_CHARACTERS) throw malformed("a line is too long");
    for (const each of lines) {
      line += 1;
      if (each.trim() !== "") yield { line, fields: readJson(each) };
    }
  }
  if (unfinished.trim() !== "") yield { line: line + 1, fields: readJson(unfinished) };
}

function readJson(line: string): FileLine["fields"] {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== null));
  } catch {
    return undefined;
  }
}

function malformed(detail: string, cause?: unknown): Problem {
  return new Problem("malformed_body", { detail: `The file cannot be read: ${detail}`, cause });
}
