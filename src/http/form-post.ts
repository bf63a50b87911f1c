import type { FormFields } from "./submission-body.ts";

/** Fields whose names begin with an underscore steer the form itself and are never stored. */
const CONTROL_FIELD_PREFIX = "_";

/** What was filled in: neither empty fields nor those that steer the form. */
export function typedFields(fields: FormFields): [name: string, value: string][] {
  return [...fields].filter(
    ([name, value]) => !name.startsWith(CONTROL_FIELD_PREFIX) && value.trim() !== "",
  );
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
  // The origin of `blob:https://…` is that of the address inside it.
  const isWebAddress = url.protocol === "https:" || url.protocol === "http:";
  return isWebAddress && allowedOrigins.has(url.origin) ? url.href : undefined;
}
