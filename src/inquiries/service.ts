import type { Principal } from "../auth/principal.ts";
import type { InquiryStatus } from "../db/schema.ts";
import type { Deps } from "../deps.ts";
import { decodeCursor, encodeCursor } from "../http/pagination.ts";
import { Problem } from "../http/problem.ts";
import { contentHash, contentKey } from "../intake/idempotency.ts";
import { maskInquiry } from "./masking.ts";
import { findInquiry, insertSubmission, listInquiries } from "./repository.ts";
import type { Inquiry, InquirySubmission } from "./schema.ts";

/** What the edge knows about a submission besides what was typed. */
export interface SubmissionOrigin {
  readonly idempotencyKey: string | undefined;
  readonly country: string | undefined;
  readonly clientAddress: string | undefined;
}

export interface Receipt {
  readonly id: string;
  readonly receipt: string;
  readonly submittedAt: string;
  /** The same submission had been stored before. */
  readonly replayed: boolean;
}

/**
 * Stores what a stranger sent and announces it to the room, once.
 * @throws {Problem} `idempotency_key_reused`
 */
export async function submitInquiry(
  deps: Pick<Deps, "db" | "config" | "signer" | "publish" | "now">,
  submission: InquirySubmission,
  origin: SubmissionOrigin,
): Promise<Receipt> {
  const submittedAt = deps.now();
  const { name, email, message, phone, subject, source, locale, metadata } = submission;
  const fingerprint = await contentHash([
    name,
    email,
    message,
    phone,
    subject,
    source,
    locale,
    metadata,
  ]);
  const submissionKey = origin.idempotencyKey ?? contentKey(fingerprint, submittedAt);
  const stored = await insertSubmission(deps.db, deps.config.nodeId, {
    ...submission,
    submissionKey,
    contentHash: fingerprint,
    submittedAt,
    country: origin.country,
    clientHash: origin.clientAddress && (await deps.signer.sign("client", origin.clientAddress)),
  });
  if (stored.contentHash !== fingerprint) throw new Problem("idempotency_key_reused");
  const { inquiry, inserted } = stored;
  if (inserted) {
    deps.publish({
      room: "inquiries",
      event: {
        type: "inquiry.submitted",
        time: inquiry.submittedAt,
        data: inquiry,
        masked: maskInquiry(inquiry),
      },
      message: "Inquiry SENT",
      about: { inquiryId: inquiry.id },
    });
  }
  return {
    id: inquiry.id,
    receipt: submissionKey,
    submittedAt: inquiry.submittedAt,
    replayed: !inserted,
  };
}

/** One page of the desk's list, newest first. @throws {Problem} `invalid_cursor` */
export async function pageOfInquiries(
  deps: Pick<Deps, "db" | "signer" | "permissions">,
  principal: Principal,
  query: { limit: number; cursor?: string | undefined; status?: InquiryStatus[] | undefined },
): Promise<{ data: Inquiry[]; nextCursor: string | null }> {
  const filters = JSON.stringify({ status: query.status?.toSorted() });
  const before = query.cursor && (await decodeCursor(deps.signer, query.cursor, filters));
  const rows = await listInquiries(
    deps.db,
    { status: query.status },
    { before, limit: query.limit + 1 },
  );
  const data = rows.slice(0, query.limit);
  const last = data.at(-1);
  return {
    data: (await seesContacts(deps, principal)) ? data : data.map(maskInquiry),
    nextCursor:
      rows.length > query.limit && last ? await encodeCursor(deps.signer, last.id, filters) : null,
  };
}

/** @throws {Problem} `inquiry_not_found` */
export async function getInquiry(
  deps: Pick<Deps, "db" | "permissions">,
  principal: Principal,
  id: string,
): Promise<Inquiry> {
  const inquiry = await findInquiry(deps.db, id);
  if (inquiry === undefined) throw new Problem("inquiry_not_found");
  return (await seesContacts(deps, principal)) ? inquiry : maskInquiry(inquiry);
}

function seesContacts(deps: Pick<Deps, "permissions">, principal: Principal): Promise<boolean> {
  return deps.permissions.allows(principal, "inquiry", "contact");
}
