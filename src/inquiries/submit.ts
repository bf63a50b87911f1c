import type { Deps } from "../deps.ts";
import { Problem } from "../http/problem.ts";
import { contentHash, contentKey } from "../intake/idempotency.ts";
import { maskInquiry } from "./masking.ts";
import { insertSubmission } from "./repository.ts";
import type { InquirySubmission } from "./schema.ts";

/** What the edge knows about a submission besides what was typed. */
export interface SubmissionOrigin {
  readonly idempotencyKey: string | undefined;
  readonly country: string | undefined;
  readonly clientAddress: string | undefined;
  /** Why it looks like spam; then it is stored as CANCELLED and not announced. */
  readonly spamReasons: readonly string[];
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
  deps: Pick<Deps, "db" | "config" | "signer" | "publish" | "metrics" | "now">,
  submission: InquirySubmission,
  origin: SubmissionOrigin,
): Promise<Receipt> {
  const submittedAt = deps.now();
  const spam = origin.spamReasons.length > 0;
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
    status: spam ? "CANCELLED" : "NEW",
    spamReasons: [...origin.spamReasons],
    submissionKey,
    contentHash: fingerprint,
    submittedAt,
    country: origin.country,
    clientHash: origin.clientAddress && (await deps.signer.sign("client", origin.clientAddress)),
  });
  if (stored.contentHash !== fingerprint) throw new Problem("idempotency_key_reused");
  const { inquiry, inserted } = stored;
  const outcome = inserted ? (spam ? "spam" : "stored") : "replayed";
  deps.metrics.count("outreach_submissions_total", { outcome });
  if (inserted && !spam) {
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
