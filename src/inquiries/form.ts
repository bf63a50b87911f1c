import type { FormFields } from "../http/submission-body.ts";
import { METADATA_MAX_CHARACTERS, METADATA_MAX_KEYS, SUBMISSION_FIELDS } from "./schema.ts";

/** Fields whose names begin with an underscore steer the form itself and are never stored. */
const CONTROL_FIELD_PREFIX = "_";

/**
 * The JSON value an HTML form stands for: known fields as they are, empty ones left out, every other
 * one into `metadata`, cut to its bounds, because a site owner's extra field must not cost a lead.
 */
export function submissionOfForm(fields: FormFields): Record<string, unknown> {
  const submission: Record<string, unknown> = {};
  const metadata: Record<string, string> = {};
  for (const [name, value] of fields) {
    if (name.startsWith(CONTROL_FIELD_PREFIX) || value.trim() === "") continue;
    if (SUBMISSION_FIELDS.has(name)) submission[name] = value;
    else if (Object.keys(metadata).length < METADATA_MAX_KEYS) {
      metadata[name.slice(0, 100)] = value.trim().slice(0, METADATA_MAX_CHARACTERS).toWellFormed();
    }
  }
  return { ...submission, metadata };
}

/**
 * Where the form asks to send the visitor afterwards: only to an allowed origin, otherwise nowhere.
 */
export function redirectOfForm(
  fields: FormFields,
  allowedOrigins: ReadonlySet<string>,
): string | undefined {
  const target = fields.get("_redirect");
  if (target === undefined || !URL.canParse(target)) return undefined;
  const url = new URL(target);
  return allowedOrigins.has(url.origin) ? url.href : undefined;
}
