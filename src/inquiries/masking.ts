import type { ActivityEntry } from "./desk-schema.ts";
import type { Inquiry } from "./schema.ts";

const MASK = "•••";

/** The lookbehind has each word tried once: without it, a long one takes quadratic time. */
const EMAIL = /(?<![^\s<>()[\],;:"@])[^\s<>()[\],;:"@]+@[^\s<>()[\],;:"]+/g;
/** With a country code or a trunk zero, or as North Americans group ten digits. */
const PHONE = /(?:\+|\b00?)[1-9](?:[ ()./-]*\d){6,}|\(?\b\d{3}\)?[ .-]\d{3}[ .-]\d{4}\b/g;

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
  return text.replace(EMAIL, MASK).replace(PHONE, MASK);
}
