import { z } from "@hono/zod-openapi";

/** C0 and C1 controls. In one line none is welcome: CR and LF would inject headers in a mail. */
const CONTROL = /[\p{Cc}]/u;
/** Controls that a text of several lines may not hold; Postgres cannot store NUL at all. */
const CONTROL_BUT_TAB_AND_NEWLINE = /[^\P{Cc}\t\n]/u;

const wellFormed = (text: string) => text.isWellFormed();

/** One line of text without control characters or lone surrogates, trimmed, 1 to `max` characters. */
export function singleLine(max: number) {
  return z
    .string()
    .refine(wellFormed, "must be valid Unicode")
    .refine((text) => !CONTROL.test(text.trim()), "must not hold control characters")
    .trim()
    .min(1)
    .max(max);
}

/** Text of several lines, trimmed, 1 to `max` characters; line ends become LF. */
export function multiLine(max: number) {
  return z
    .string()
    .refine(wellFormed, "must be valid Unicode")
    .overwrite((text) => text.replaceAll(/\r\n?/g, "\n"))
    .refine(
      (text) => !CONTROL_BUT_TAB_AND_NEWLINE.test(text),
      "must not hold control characters other than tab and line end",
    )
    .trim()
    .min(1)
    .max(max);
}

/** Directional marks, soft hyphens and the like (category Cf), but for the joiners that some scripts need. */
const INVISIBLE = /[\p{Cf}--[\u{200c}\u{200d}]]/gv;

/**
 * Without what comes along when an address is pasted, and the full stop that is put behind it; in the
 * signs that mail is sent to, whatever keyboard they were typed on. Nobody would find it otherwise.
 */
function bareAddress(text: string): string {
  const seen = text.replaceAll(INVISIBLE, "").trim();
  // Looking for an end takes quadratic time in what is all dots and spaces.
  if (seen.length > 1_000) return seen;
  const composed = seen
    .replace(/[\s.。．｡]+$/, "")
    .normalize("NFC")
    .replaceAll("＠", "@");
  const domain = composed.lastIndexOf("@") + 1;
  return composed.slice(0, domain) + composed.slice(domain).normalize("NFKC").replaceAll("。", ".");
}

/**
 * An e-mail address, lenient on purpose: internationalised ones pass (RFC 6531), and a lead is never
 * lost to a stricter grammar than mail itself has. The document gets the pattern without its flag,
 * which JSON Schema has no place for.
 */
export function emailAddress() {
  return z
    .string()
    .refine(wellFormed, "must be valid Unicode")
    .overwrite(bareAddress)
    .max(254)
    .regex(/^[^\s@"<>\p{Cc}]{1,64}@[^\s@"<>\p{Cc}]{1,255}$/u, "must be an e-mail address")
    .openapi({ pattern: '^[^\\s@"<>]{1,64}@[^\\s@"<>]{1,255}$' });
}
