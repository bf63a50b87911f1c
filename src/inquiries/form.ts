import { typedFields } from "../http/form-post.ts";
import type { FormFields } from "../http/submission-body.ts";
import { METADATA_MAX_CHARACTERS, METADATA_MAX_KEYS, SUBMISSION_FIELDS } from "./schema.ts";

/**
 * The JSON value an HTML form stands for: known fields as they are, empty ones left out, every other
 * one into `metadata`, cut to its bounds, because a site owner's extra field must not cost a lead.
 */
export function submissionOfForm(fields: FormFields): Record<string, unknown> {
  const submission: Record<string, unknown> = {};
  const metadata: Record<string, string> = {};
  for (const [name, value] of typedFields(fields)) {
    if (SUBMISSION_FIELDS.has(name)) {
      submission[name] = value;
      continue;
    }
    const key = metadataKey(name);
    if (key === "" || Object.keys(metadata).length >= METADATA_MAX_KEYS) continue;
    metadata[key] = value.trim().slice(0, METADATA_MAX_CHARACTERS).toWellFormed();
  }
  return { ...submission, metadata };
}

/** A field's name as the schema accepts it: one line, cut without leaving half a character. */
function metadataKey(name: string): string {
  return name
    .replaceAll(/\p{Cc}+/gu, " ")
    .trim()
    .slice(0, 100)
    .toWellFormed();
}
