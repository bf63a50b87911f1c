import type { Context } from "hono";
import { jsonPointer, Problem } from "./problem.ts";

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

/**
 * Reads the body of a public write in any of its three encodings.
 * @throws {Problem} `unsupported_media_type`, `malformed_json`, `malformed_body`
 */
export async function readSubmissionBody(c: Context): Promise<SubmissionBody> {
  const mediaType = c.req.header("content-type")?.split(";")[0]?.trim().toLowerCase();
  switch (mediaType) {
    case "application/json":
      return { kind: "json", value: await readJson(c) };
    case "application/x-www-form-urlencoded":
    case "multipart/form-data":
      return { kind: "form", ...(await readForm(c)) };
    default:
      throw new Problem("unsupported_media_type", {
        headers: {
          accept: "application/json, application/x-www-form-urlencoded, multipart/form-data",
        },
      });
  }
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

async function readForm(c: Context): Promise<{ fields: FormFields; files: string[] }> {
  const form = await c.req.formData().catch(() => {
    throw new Problem("malformed_body");
  });
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
