import { z } from "zod";
import { INQUIRY_STATUSES } from "../db/schema.ts";
import type { Announcement, Command } from "../intake/command.ts";
import { WINDOW_MS } from "../intake/idempotency.ts";
import { maskInquiry } from "./masking.ts";
import { submissionOfRow, submissionStatements } from "./repository.ts";
import type { Inquiry } from "./schema.ts";

/** A repetition within this time says the announcement again, in case the first one never did. */
const ANNOUNCE_AGAIN_MS = 10 * 60_000;

const payload = z.object({
  status: z.enum(INQUIRY_STATUSES),
  name: z.string(),
  email: z.string(),
  message: z.string(),
  phone: z.string().optional(),
  subject: z.string().optional(),
  source: z.string().optional(),
  locale: z.string().optional(),
  metadata: z.record(z.string(), z.string()).optional(),
  spamReasons: z.array(z.string()),
  country: z.string().optional(),
  clientHash: z.string().optional(),
  contentHash: z.string(),
  submissionKey: z.string(),
  /** Only without an `Idempotency-Key`: the content's keys in the windows beside its own. */
  neighbours: z.array(z.string()).optional(),
  nearBorder: z.boolean(),
  /** RFC 3339 UTC: when the visitor sent it, also when it is stored later. */
  submittedAt: z.string(),
});

/** A submission with everything the edge knows about it, as plain JSON. */
export type SubmissionPayload = z.output<typeof payload>;

export interface StoredInquiry {
  readonly inquiry: Inquiry;
  /** The receipt: an earlier submission's when this one repeats it. */
  readonly submissionKey: string;
  readonly inserted: boolean;
}

/** Stores what a stranger sent, once, however often it is done. */
export const submission: Command<SubmissionPayload, StoredInquiry> = {
  name: "inquiry.submit",
  version: 1,
  versions: { 1: payload },
  counter: "outreach_submissions_total",
  conflict: "idempotency_key_reused",

  keyOf({ submissionKey, neighbours, contentHash, submittedAt }) {
    const at = Date.parse(submittedAt);
    const key = { key: submissionKey, fingerprint: contentHash, at };
    if (neighbours === undefined) return { ...key, order: submissionKey };
    return { ...key, order: contentHash, neighbours: { keys: neighbours, within: WINDOW_MS } };
  },

  statements: submissionStatements,

  settle(rows, payload) {
    const stored = submissionOfRow(rows, payload);
    if (stored.contentHash !== payload.contentHash) {
      return { kind: "conflict" };
    }
    const { inquiry, submissionKey, inserted, deleted } = stored;
    const recent =
      Date.parse(inquiry.submittedAt) > Date.parse(payload.submittedAt) - ANNOUNCE_AGAIN_MS;
    const spam = inquiry.spamReasons.length > 0;
    return {
      kind: "stored",
      result: { inquiry, submissionKey, inserted },
      announcements: spam || deleted || !recent ? [] : [announcementOf(inquiry)],
    };
  },
};

/** Of the one event that says that an inquiry has arrived, whoever says it and however often. */
export function arrivalKey(id: string): string {
  return `inquiry.submitted:${id}`;
}

/** What observers hear of an inquiry that has arrived. */
export function announcementOf(inquiry: Inquiry): Announcement {
  return {
    room: "inquiries",
    event: {
      key: arrivalKey(inquiry.id),
      type: "inquiry.submitted",
      time: inquiry.submittedAt,
      data: inquiry,
      masked: maskInquiry(inquiry),
    },
    message: "Inquiry SENT",
    about: { inquiryId: inquiry.id },
  };
}
