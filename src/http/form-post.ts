import type { FormFields } from "./submission-body.ts";
import { languageTag } from "./values.ts";

/** Fields whose names begin with an underscore steer the form itself and are never stored. */
const CONTROL_FIELD_PREFIX = "_";

/** What was filled in: neither empty fields nor those that steer the form. */
export function typedFields(fields: FormFields): [name: string, value: string][] {
  return [...fields].filter(
    ([name, value]) => !name.startsWith(CONTROL_FIELD_PREFIX) && value.trim() !== "",
  );
}

/** A text without the controls that come along when it is copied, and that nobody can see. */
export function withoutControls(text: string): string {
  return text.replaceAll(/[^\P{Cc}\0\t\r\n]+/gu, " ");
}

/** Text of one line as a person sees it: a tab, too, is a space. */
export function withoutControlsOrTabs(text: string): string {
  return withoutControls(text).replaceAll("\t", " ");
}

/**
 * What a page fills in and its visitor neither sees nor can correct is never refused: one line of it,
 * cut without leaving half a character.
 */
export function hiddenLine(text: string, max: number): string {
  return cut(text.replaceAll(/\p{Cc}+/gu, " "), max);
}

/** The same for several lines. */
export function hiddenLines(text: string, max: number): string {
  return cut(text.replaceAll(/\r\n?/g, "\n").replaceAll(/[^\P{Cc}\t\n]+/gu, " "), max);
}

/** A language as systems call it, `en_US` too; undefined when it is none. */
export function hiddenLocale(text: string): string | undefined {
  return languageTag.safeParse(text.trim().replaceAll("_", "-")).data;
}

function cut(text: string, max: number): string {
  return text.trim().slice(0, max).toWellFormed().trimEnd();
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
