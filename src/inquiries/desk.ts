import type { Principal } from "../auth/principal.ts";
import type { InquiryStatus } from "../db/schema.ts";
import type { Deps } from "../deps.ts";
import { refuseStale, type Target } from "../http/etag.ts";
import { Problem } from "../http/problem.ts";
import { contentHash } from "../intake/idempotency.ts";
import { announceInquiries } from "./announce.ts";
import { type Attempt, binInquiry, patchInquiries } from "./changes.ts";
import type { BulkTriageAnswer, InquiryEntry, InquiryPatch } from "./desk-schema.ts";
import { insertEntry } from "./repository.ts";
import { type Inquiry, METADATA_MAX_KEYS } from "./schema.ts";
import { viewFor } from "./service.ts";
import { statusesAfter } from "./status.ts";

type Writing = Pick<Deps, "db" | "config" | "permissions" | "publish" | "now">;

/**
 * Stores what staff entered.
 * @param idempotencyKey the caller's; the same key and entry are stored once
 * @throws {Problem} `idempotency_key_reused`
 */
export async function enterInquiry(
  deps: Writing,
  principal: Principal,
  entry: InquiryEntry,
  idempotencyKey: string | undefined,
): Promise<{ inquiry: Inquiry; replayed: boolean }> {
  const fingerprint = await contentHash(Object.entries(entry).sort(([a], [b]) => (a < b ? -1 : 1)));
  // With a space, which no key of a visitor can have.
  const submissionKey = `desk ${idempotencyKey ?? crypto.randomUUID()}`;
  const stored = await insertEntry(deps.db, deps.config.nodeId, {
    ...entry,
    submissionKey,
    contentHash: fingerprint,
    submittedAt: deps.now(),
    createdBy: principal.subject,
    modifiedBy: principal.subject,
  });
  if (stored.contentHash !== fingerprint) throw new Problem("idempotency_key_reused");
  const { inquiry, inserted } = stored;
  if (inserted) announceInquiries(deps, [{ type: "inquiry.submitted", inquiry }]);
  return { inquiry: await viewFor(deps, principal, inquiry), replayed: !inserted };
}

/**
 * Merges a patch into an inquiry.
 * @throws {Problem} `forbidden` where more than the status is patched without `update`,
 *   `inquiry_not_found`, `stale_version`, `status_conflict`, `validation_failed` for too much metadata
 */
export async function patchInquiry(
  deps: Writing,
  principal: Principal,
  { id, versions }: Target,
  patch: InquiryPatch,
): Promise<Inquiry> {
  const triageOnly = Object.keys(patch).every((field) => field === "status");
  if (!(triageOnly || (await deps.permissions.allows(principal, "inquiry", "update")))) {
    throw new Problem("forbidden");
  }
  const [attempt] = await patchInquiries(deps.db, deps.config.nodeId, {
    ids: [id],
    versions,
    actor: principal.subject,
    patch,
  });
  const { inquiry, changed } = requireCurrent(attempt, versions);
  if (changed) announceInquiries(deps, [{ type: typeOf(attempt), inquiry }]);
  else refuseWhatWasNotDone(inquiry, patch);
  return viewFor(deps, principal, inquiry);
}

/** Puts an inquiry in the bin; a second time changes nothing. @throws like `patchInquiry` */
export async function deleteInquiry(deps: Writing, principal: Principal, target: Target) {
  await bin(deps, principal, target, true);
}

/** Takes an inquiry out of the bin; one that is not there stays as it is. @throws like `patchInquiry` */
export async function restoreInquiry(
  deps: Writing,
  principal: Principal,
  target: Target,
): Promise<Inquiry> {
  return viewFor(deps, principal, await bin(deps, principal, target, false));
}

async function bin(
  deps: Writing,
  { subject }: Principal,
  { id, versions }: Target,
  deleted: boolean,
): Promise<Inquiry> {
  const change = { ids: [id], versions, actor: subject, deleted };
  const [attempt] = await binInquiry(deps.db, deps.config.nodeId, change);
  const { inquiry, changed } = requireCurrent(attempt, versions);
  const type = deleted ? "inquiry.deleted" : "inquiry.restored";
  if (changed) announceInquiries(deps, [{ type, inquiry }]);
  return inquiry;
}

/** Sets many inquiries to one status, each for itself, and says of each what became of it. */
export async function triageInquiries(
  deps: Writing,
  principal: Principal,
  { ids, status }: { ids: readonly string[]; status: InquiryStatus },
): Promise<BulkTriageAnswer> {
  const attempts = await patchInquiries(deps.db, deps.config.nodeId, {
    ids,
    versions: undefined,
    actor: principal.subject,
    patch: { status },
  });
  const changed = attempts.filter((attempt) => attempt.changed);
  announceInquiries(
    deps,
    changed.map((attempt) => ({ type: typeOf(attempt), inquiry: attempt.inquiry })),
  );
  const byId = new Map(attempts.map((attempt) => [attempt.inquiry.id, attempt]));
  return { data: ids.map((id) => outcomeOf(id, byId.get(id), status)) };
}

function outcomeOf(
  id: string,
  attempt: Attempt | undefined,
  wanted: InquiryStatus,
): BulkTriageAnswer["data"][number] {
  if (attempt === undefined) return { id, outcome: "not_found" };
  const { status, version } = attempt.inquiry;
  if (attempt.changed) return { id, outcome: "updated", status, version };
  if (status === wanted) return { id, outcome: "unchanged", status, version };
  return { id, outcome: "conflict", status, version, allowed: [...statusesAfter(status)] };
}

/** Spam that is brought back is new to the room, which never heard of it. */
function typeOf(attempt: Attempt | undefined) {
  return attempt?.revived ? "inquiry.submitted" : "inquiry.updated";
}

function requireCurrent(attempt: Attempt | undefined, versions: Target["versions"]): Attempt {
  if (attempt === undefined) throw new Problem("inquiry_not_found");
  const { changed, inquiry } = attempt;
  refuseStale(versions, { changed, version: inquiry.version });
  return attempt;
}

/** A patch that changed nothing either had nothing to change, or was not allowed to. */
function refuseWhatWasNotDone(inquiry: Inquiry, patch: InquiryPatch): void {
  const { status, metadata } = patch;
  if (status !== undefined && status !== inquiry.status) {
    const allowed = statusesAfter(inquiry.status);
    if (!allowed.includes(status)) {
      throw new Problem("status_conflict", {
        detail: `${inquiry.status} may become ${allowed.join(" or ")}`,
        extensions: { current: inquiry.status, allowed },
      });
    }
  }
  const keys = new Set(Object.keys(inquiry.metadata));
  for (const [key, value] of Object.entries(metadata ?? {})) {
    if (value === null) keys.delete(key);
    else keys.add(key);
  }
  if (keys.size > METADATA_MAX_KEYS) {
    throw new Problem("validation_failed", {
      errors: [
        {
          pointer: "/metadata",
          code: "too_big",
          detail: `must not have more than ${METADATA_MAX_KEYS} keys`,
        },
      ],
    });
  }
}
