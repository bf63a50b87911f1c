import {
  hiddenLine,
  hiddenLines,
  hiddenLocale,
  typedFields,
  withoutControlsOrTabs,
} from "../http/form-post.ts";
import type { FormFields } from "../http/submission-body.ts";
import { MAXIMA } from "./subscribe-schema.ts";

/**
 * The JSON value an HTML form stands for. A checkbox `consent` has the wording as its value, `page` is
 * where it was agreed to. A field that we do not know is left out: it must not cost a subscriber.
 */
export function subscriptionOfForm(fields: FormFields): Record<string, unknown> {
  const typed = new Map(typedFields(fields));
  const value = (name: string, read: (text: string) => string | undefined) => {
    const text = typed.get(name);
    return text === undefined ? undefined : read(text) || undefined;
  };
  const consent = defined({
    wording: value("consent", (text) => hiddenLines(text, MAXIMA.wording)),
    page: value("page", (text) => hiddenLine(text, MAXIMA.page)),
  });
  return defined({
    email: value("email", withoutControlsOrTabs),
    name: value("name", withoutControlsOrTabs),
    source: value("source", (text) => hiddenLine(text, MAXIMA.source)),
    locale: value("locale", hiddenLocale),
    consent: Object.keys(consent).length > 0 ? consent : undefined,
  });
}

function defined(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
