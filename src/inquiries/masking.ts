import type { Inquiry } from "./schema.ts";

const MASK = "•••";

/**
 * The view of those who may not see addresses and phone numbers: one place for REST and rooms.
 * Metadata goes whole, because a form may have put anything there.
 */
export function maskInquiry(inquiry: Inquiry): Inquiry {
  return {
    ...inquiry,
    email: MASK,
    phone: inquiry.phone === null ? null : MASK,
    metadata: Object.fromEntries(Object.keys(inquiry.metadata).map((key) => [key, MASK])),
  };
}
