import type { Context } from "hono";
import { accepts } from "hono/accepts";
import { nameOf } from "../telemetry/logger.ts";
import { requestIdHeader } from "./openapi.ts";
import { Problem } from "./problem.ts";
import type { AppEnv } from "./router.ts";

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
function exportFormat(c: Context, parameter: ExportFormat | undefined): ExportFormat {
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

/** How every export is documented. @param examples the beginning of each form */
export function exportAnswer(examples: { csv: string; ndjson: string }) {
  return {
    description: "The file, as it is read from the database.",
    headers: {
      "Content-Disposition": {
        schema: { type: "string" as const },
        description: "`attachment` with a file name.",
      },
      "Cache-Control": { schema: { type: "string" as const }, description: "`no-store`." },
      ...requestIdHeader,
    },
    content: {
      "text/csv": { schema: { type: "string" as const, example: examples.csv } },
      "application/x-ndjson": { schema: { type: "string" as const, example: examples.ndjson } },
    },
  };
}

/** What every export's description ends with. */
export const EXPORT_RULES =
  "CSV for spreadsheets (RFC 4180, UTF-8 with a byte order mark; a cell that begins like a formula gets an apostrophe), NDJSON for programs. What is stored after the export has begun is not part of it. A connection that breaks before its end means that the file is not whole.";

/** An export named after the day, in the format that was asked for. @throws {Problem} `not_acceptable` */
export function exportFile<T>(
  c: Context<AppEnv>,
  options: {
    name: string;
    format: ExportFormat | undefined;
    columns: readonly ExportColumn<T>[];
    nextPage: NextPage<T>;
  },
): Response {
  const { deps, log } = c.var;
  const { name, format, columns, nextPage } = options;
  return exportResponse({
    format: exportFormat(c, format),
    filename: `${name}-${deps.now().toISOString().slice(0, 10)}`,
    columns,
    nextPage,
    onFailure: (error) => log.error("export broken off", { error: nameOf(error) }),
  });
}

/** One record of RFC 4180. */
export function csvLine(values: readonly unknown[]): string {
  return `${values.map((value) => csvCell(textOf(value))).join(",")}\r\n`;
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Takes back the apostrophe of a cell that begins like a formula. */
export function readCsvCell(cell: string): string {
  return FORMULA.test(cell.slice(1)) && cell.startsWith("'") ? cell.slice(1) : cell;
}

const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/u;

/**
 * A cell that a spreadsheet shows and never runs: what begins like a formula gets an apostrophe.
 * @see https://owasp.org/www-community/attacks/CSV_Injection
 */
function csvCell(text: string): string {
  const harmless = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
