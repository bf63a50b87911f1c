import type { Context } from "hono";
import { accepts } from "hono/accepts";
import { Problem } from "./problem.ts";

export type ExportFormat = "csv" | "ndjson";

const MEDIA_TYPES: Readonly<Record<ExportFormat, string>> = {
  csv: "text/csv; charset=utf-8; header=present",
  ndjson: "application/x-ndjson",
};

/** A column of the CSV form. Arrays and objects become JSON. */
export interface ExportColumn<T> {
  readonly name: string;
  value(row: T): unknown;
}

/** Yields the page after a row, at most `limit` rows; an empty one ends the export. */
export type NextPage<T> = (last: T | undefined, limit: number) => Promise<readonly T[]>;

/**
 * Chooses the format: the parameter first, then `Accept`, CSV when anything will do.
 * @throws {Problem} `not_acceptable`
 */
export function exportFormat(c: Context, parameter: ExportFormat | undefined): ExportFormat {
  if (parameter !== undefined) return parameter;
  const header = c.req.header("accept");
  const type = accepts(c, {
    header: "Accept",
    supports: ["text/csv", "application/x-ndjson"],
    // `accepts` leaves open what `*/*` means.
    default: header === undefined || header.includes("*/*") ? "text/csv" : "none",
  });
  if (type === "none") throw new Problem("not_acceptable");
  return type === "text/csv" ? "csv" : "ndjson";
}

/**
 * A file that is made while it is read: the next page is only asked for when the reader wants more,
 * and none after the reader has gone away. Its start does not wait for the database.
 * @param options.onFailure what to do when a page fails: the status is sent by then, so all that is
 *   left is to break the connection, which tells the reader that the file is not whole
 */
export function exportResponse<T>(options: {
  format: ExportFormat;
  /** Without its extension; plain ASCII. */
  filename: string;
  columns: readonly ExportColumn<T>[];
  nextPage: NextPage<T>;
  onFailure: (error: unknown) => void;
}): Response {
  const { format, filename, columns, nextPage, onFailure } = options;
  const encoder = new TextEncoder();
  let limit = FIRST_PAGE;
  let last: T | undefined;
  let begun = format === "ndjson";
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (!begun) {
          begun = true;
          // Spreadsheets take a file without the mark for one in their country's old encoding.
          const names = columns.map(({ name }) => name);
          controller.enqueue(encoder.encode(`\uFEFF${csvLine(names)}`));
          return;
        }
        const rows = await nextPage(last, limit).catch((error: unknown) => {
          onFailure(error);
          throw error;
        });
        if (rows.length === 0) return controller.close();
        last = rows.at(-1);
        const lines = rows.map((row) =>
          format === "ndjson"
            ? `${JSON.stringify(row)}\n`
            : csvLine(columns.map(({ value }) => value(row))),
        );
        const chunk = encoder.encode(lines.join(""));
        limit = nextLimit(limit, chunk.byteLength);
        controller.enqueue(chunk);
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body, {
    headers: {
      "content-type": MEDIA_TYPES[format],
      "content-disposition": `attachment; filename="${filename}.${format}"`,
      "cache-control": "no-store",
    },
  });
}

const FIRST_PAGE = 250;
const LARGEST_PAGE = 2_000;
const SMALLEST_PAGE = 50;
/** What a page should hold, so that memory stays flat whatever the rows are like, in bytes. */
const PAGE_BYTES = 1024 * 1024;

/** Fewer and larger pages: a Worker may make a thousand calls for one request. */
function nextLimit(limit: number, bytes: number): number {
  const fitting = Math.floor((limit * PAGE_BYTES) / bytes);
  return Math.max(SMALLEST_PAGE, Math.min(fitting, limit * 2, LARGEST_PAGE));
}

/** One record of RFC 4180. */
export function csvLine(values: readonly unknown[]): string {
  return `${values.map((value) => csvCell(textOf(value))).join(",")}\r\n`;
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/**
 * A cell that a spreadsheet shows and never runs: what begins like a formula gets an apostrophe.
 * @see https://owasp.org/www-community/attacks/CSV_Injection
 */
function csvCell(text: string): string {
  const harmless = /^[=+\-@\t\r\n＝＋－＠]/u.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
