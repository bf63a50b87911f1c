import type { Context } from "hono";
import { jsonPointer, Problem } from "./problem.ts";
import { readUrlencoded } from "./urlencoded.ts";

/** A public write as it arrived: one JSON value, or the fields of an HTML form. */
export type SubmissionBody =
  | { readonly kind: "json"; readonly value: unknown }
  | {
      readonly kind: "form";
      readonly fields: FormFields;
      /** Names of the fields that hold a file. */
      readonly files: readonly string[];
    };

/**
 * Field name → what was typed. A name given several times (checkboxes) is joined by ", ", without what
 * is empty or repeats: a page that holds a field twice means it once.
 */
export type FormFields = ReadonlyMap<string, string>;

/** What a urlencoded form may say that it is in. It need not, and then it may be either. */
const CHARSETS: ReadonlySet<string> = new Set([
  "utf-8",
  "utf8",
  "us-ascii",
  "iso-8859-1",
  "windows-1252",
]);

/**
 * Reads the body of a public write in any of its three encodings.
 * @throws {Problem} `unsupported_media_type`, `malformed_json`, `malformed_body`
 */
export async function readSubmissionBody(c: Context): Promise<SubmissionBody> {
  const contentType = c.req.header("content-type") ?? "";
  switch (contentType.split(";")[0]?.trim().toLowerCase()) {
    case "application/json":
      return { kind: "json", value: await readJson(c) };
    case "application/x-www-form-urlencoded":
      if (!CHARSETS.has(charsetOf(contentType))) throw new Problem("malformed_body");
      return { kind: "form", ...fieldsOf(readUrlencoded(await c.req.arrayBuffer())) };
    case "multipart/form-data":
      return { kind: "form", ...fieldsOf(await readMultipart(c)) };
    default:
      throw new Problem("unsupported_media_type", {
        headers: {
          accept: "application/json, application/x-www-form-urlencoded, multipart/form-data",
        },
      });
  }
}

function charsetOf(contentType: string): string {
  const [, charset = "utf-8"] = contentType.match(/;\s*charset="?([^\s";]+)/i) ?? [];
  return charset.toLowerCase();
}

/** Whether a browser is waiting for a page rather than a program for JSON. */
export function wantsPage(c: Context): boolean {
  return c.req.header("accept")?.includes("text/html") ?? false;
}

async function readJson(c: Context): Promise<unknown> {
  const bytes = await c.req.arrayBuffer();
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes));
  } catch {
    throw new Problem("malformed_json");
  }
}

function readMultipart(c: Context): Promise<FormData> {
  return c.req.formData().catch(() => {
    throw new Problem("malformed_body");
  });
}

function fieldsOf(form: Iterable<[string, string | File]>) {
  const fields = new Map<string, string>();
  const files: string[] = [];
  for (const [name, value] of form) {
    if (typeof value !== "string") {
      // A file field that was left empty is sent as a file of no bytes.
      if (value.size > 0) files.push(name);
      continue;
    }
    const earlier = fields.get(name) ?? "";
    const isNews = value !== "" && value !== earlier;
    fields.set(name, earlier !== "" && isNews ? `${earlier}, ${value}` : earlier || value);
  }
  return { fields, files };
}

/** @throws {Problem} `validation_failed` when a file was sent along */
export function refuseFiles(body: SubmissionBody): void {
  if (body.kind === "json" || body.files.length === 0) return;
  throw new Problem("validation_failed", {
    errors: body.files.map((name) => ({
      pointer: jsonPointer([name]),
      code: "file_not_supported",
      detail: "Files cannot be sent here",
    })),
  });
}
