import {
  hiddenLine,
  hiddenLines,
  hiddenLocale,
  typedFields,
  withoutControls,
  withoutControlsOrTabs,
} from "../http/form-post.ts";
import type { FormFields } from "../http/submission-body.ts";
import {
  METADATA_MAX_CHARACTERS,
  METADATA_MAX_KEYS,
  SOURCE_MAX_CHARACTERS,
  SUBMISSION_FIELDS,
} from "./schema.ts";

/**
 * The JSON value an HTML form stands for: known fields as they are, empty ones left out, every other
 * one into `metadata`, cut to its bounds, because a site owner's extra field must not cost a lead.
 */
export function submissionOfForm(fields: FormFields): Record<string, unknown> {
  const submission: Record<string, unknown> = {};
  const metadata: Record<string, string> = {};
  for (const [name, value] of typedFields(fields)) {
    const known = SUBMISSION_FIELDS.has(name) ? knownValue(name, value) : undefined;
    if (known !== undefined) {
      submission[name] = known;
      continue;
    }
    const key = hiddenLine(name, 100);
    if (key === "" || Object.keys(metadata).length >= METADATA_MAX_KEYS) continue;
    const kept = hiddenLines(value, METADATA_MAX_CHARACTERS);
    if (kept !== "") metadata[key] = kept;
  }
  return { ...submission, metadata };
}

/** @returns undefined when it is not what the field is for */
function knownValue(name: string, value: string): string | undefined {
  switch (name) {
    case "source":
      return hiddenLine(value, SOURCE_MAX_CHARACTERS);
    case "locale":
      return hiddenLocale(value);
    case "message":
      return withoutControls(value);
    default:
      return withoutControlsOrTabs(value);
  }
}
