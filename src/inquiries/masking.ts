import type { ActivityEntry } from "./desk-schema.ts";
import type { Inquiry } from "./schema.ts";

const MASK = "•••";

/**
 * `ada@example.com`, also with a quoted local part, a domain in brackets, the at sign of another
 * keyboard or `(at)`. The lookbehind has each word tried once: without it, a long one takes quadratic
 * time.
 */
const EMAIL =
  /(?:"[^"\n]{1,64}"|(?<![^\s<>()[\],;:"@＠﹫])[^\s<>()[\],;:"@＠﹫]+)(?:[@＠﹫]| ?[([{]at[)\]}] ?)(?:\[[^\]\s]{1,64}\]|[^\s<>()[\],;:"]+)/giu;
/**
 * What a number can be: seven digits or more, of any script, with up to three signs between two. Rather
 * an order number too many than a phone number too few; only days, and numbers longer than any phone's
 * (E.164: 15 digits) such as our ids, are tried first and left.
 */
const PHONE =
  /(?<keep>(?<![\p{Nd}+])(?:\d{4}-\d\d-\d\d|\d\d?([./])\d\d?\2\d{4}|\d{16,})(?!\p{Nd}))|\+?\(?\p{Nd}(?:[\s()./_·\p{Pd}\p{Cf}]{0,3}\p{Nd}){6,}/gu;

/**
 * The view of those who may not see addresses and phone numbers: one place for REST and rooms.
 * Metadata goes whole, because a form may have put anything there; in what was typed freely, what
 * looks like an address or a number is covered.
 */
export function maskInquiry(inquiry: Inquiry): Inquiry {
  return {
    ...inquiry,
    name: maskText(inquiry.name),
    email: inquiry.email === null ? null : MASK,
    phone: inquiry.phone === null ? null : MASK,
    subject: inquiry.subject === null ? null : maskText(inquiry.subject),
    message: maskText(inquiry.message),
    source: inquiry.source === null ? null : maskText(inquiry.source),
    metadata: Object.fromEntries(Object.keys(inquiry.metadata).map((key) => [maskText(key), MASK])),
  };
}

const MASKED_FIELDS: ReadonlySet<string> = new Set(["email", "phone", "metadata"]);

/** The same for the trail, which holds notes and what the fields were before. */
export function maskActivity(entry: ActivityEntry): ActivityEntry {
  const covered = (field: string, value: unknown) => {
    if (MASKED_FIELDS.has(field)) return MASK;
    return typeof value === "string" ? maskText(value) : value;
  };
  const changes = Object.entries(entry.changes ?? {}).map(([field, { before, after }]) => [
    field,
    { before: covered(field, before), after: covered(field, after) },
  ]);
  return {
    ...entry,
    ...(entry.note !== undefined && { note: maskText(entry.note) }),
    ...(entry.changes !== undefined && { changes: Object.fromEntries(changes) }),
  };
}

/** Covers what looks like an e-mail address or a phone number in free text. */
export function maskText(text: string): string {
  return text.replace(EMAIL, MASK).replace(PHONE, (_, keep: string | undefined) => keep ?? MASK);
}
