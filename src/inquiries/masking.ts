import type { ActivityEntry } from "./desk-schema.ts";
import type { Inquiry } from "./schema.ts";

const MASK = "•••";

/**
 * The view of those who may not see addresses and phone numbers: one place for REST and rooms.
 * Metadata goes whole, because a form may have put anything there.
 */
export function maskInquiry(inquiry: Inquiry): Inquiry {
  return {
    ...inquiry,
    email: inquiry.email === null ? null : MASK,
    phone: inquiry.phone === null ? null : MASK,
    metadata: Object.fromEntries(Object.keys(inquiry.metadata).map((key) => [key, MASK])),
  };
}

const MASKED_FIELDS: ReadonlySet<string> = new Set(["email", "phone", "metadata"]);

/** The same for the trail, which holds what the fields were before. */
export function maskActivity(entry: ActivityEntry): ActivityEntry {
  if (entry.changes === undefined) return entry;
  const masked = Object.entries(entry.changes).map(([field, change]) => [
    field,
    MASKED_FIELDS.has(field) ? { before: MASK, after: MASK } : change,
  ]);
  return { ...entry, changes: Object.fromEntries(masked) };
}
