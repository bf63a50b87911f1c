import type { Deps } from "../deps.ts";
import { contentHash, contentKeys } from "../intake/idempotency.ts";
import type { InquirySubmission } from "./schema.ts";
import { type SubmissionPayload, submission as submissionCommand } from "./submission.ts";

/** What the edge knows about a submission besides what was typed. */
export interface SubmissionOrigin {
  readonly idempotencyKey: string | undefined;
  readonly country: string | undefined;
  readonly clientAddress: string | undefined;
  /** Why it looks like spam; then it is stored as CANCELLED and not announced. */
  readonly spamReasons: readonly string[];
}

/** `QUEUED` is as safe as `NEW`, but has no id yet: it is stored once the database is back. */
export type Receipt = {
  readonly receipt: string;
  readonly submittedAt: string;
  /** The same submission had been accepted before. */
  readonly replayed: boolean;
} & ({ readonly status: "NEW"; readonly id: string } | { readonly status: "QUEUED" });

/**
 * Accepts what a stranger sent: stored and announced, or kept safe until it can be.
 * @throws {Problem} `idempotency_key_reused`, `intake_unavailable`
 */
export async function submitInquiry(
  deps: Pick<Deps, "intake" | "signer" | "metrics" | "now">,
  submission: InquirySubmission,
  origin: SubmissionOrigin,
): Promise<Receipt> {
  const count = (outcome: "stored" | "spam" | "queued" | "replayed") =>
    deps.metrics.count("outreach_submissions_total", { outcome });
  const payload = await payloadOf(deps, submission, origin);
  const accepted = await deps.intake.accept(submissionCommand, payload);
  switch (accepted.kind) {
    case "queued": {
      const { key, acceptedAt, replayed } = accepted;
      count(replayed ? "replayed" : "queued");
      const submittedAt = new Date(acceptedAt).toISOString();
      return { status: "QUEUED", receipt: key, submittedAt, replayed };
    }
    case "stored": {
      const { inquiry, submissionKey, inserted } = accepted.result;
      const { id, submittedAt } = inquiry;
      const spam = inquiry.spamReasons.length > 0;
      count(inserted ? (spam ? "spam" : "stored") : "replayed");
      return { status: "NEW", id, receipt: submissionKey, submittedAt, replayed: !inserted };
    }
  }
}

async function payloadOf(
  deps: Pick<Deps, "signer" | "now">,
  submission: InquirySubmission,
  origin: SubmissionOrigin,
): Promise<SubmissionPayload> {
  const now = deps.now();
  const { name, email, message, phone, subject, source, locale, metadata } = submission;
  const fingerprint = await contentHash([
    name,
    email,
    message,
    phone,
    subject,
    source,
    locale,
    // In whatever order a program happens to send them.
    Object.entries(metadata ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)),
  ]);
  const { key, neighbours, nearBorder } = contentKeys(fingerprint, now);
  const { idempotencyKey, country, clientAddress, spamReasons } = origin;
  return {
    ...submission,
    status: spamReasons.length > 0 ? "CANCELLED" : "NEW",
    spamReasons: [...spamReasons],
    country,
    clientHash: clientAddress && (await deps.signer.sign("client", clientAddress)),
    contentHash: fingerprint,
    submissionKey: idempotencyKey ?? key,
    neighbours: idempotencyKey === undefined ? neighbours : undefined,
    nearBorder: idempotencyKey === undefined && nearBorder,
    submittedAt: now.toISOString(),
  };
}
