import { typedFields } from "../http/form-post.ts";
import type { FormFields } from "../http/submission-body.ts";

const FIELDS: readonly string[] = ["email", "name", "source", "locale"];
/** What a form calls the two halves of a consent: a checkbox `consent` has the wording as its value. */
const CONSENT: Readonly<Record<string, "wording" | "page">> = { consent: "wording", page: "page" };

/**
 * The JSON value an HTML form stands for. A field that we do not know is left out: it must not cost a
 * subscriber.
 */
export function subscriptionOfForm(fields: FormFields): Record<string, unknown> {
  const typed = typedFields(fields);
  const consent = typed.flatMap(([name, value]) => {
    const part = Object.hasOwn(CONSENT, name) ? CONSENT[name] : undefined;
    return part === undefined ? [] : [[part, value] as const];
  });
  return {
    ...Object.fromEntries(typed.filter(([name]) => FIELDS.includes(name))),
    ...(consent.length > 0 && { consent: Object.fromEntries(consent) }),
  };
}
