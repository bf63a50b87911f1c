import type { Principal } from "../auth/principal.ts";
import type { Deps } from "../deps.ts";
import { pageByCursor } from "../http/pagination.ts";
import { Problem } from "../http/problem.ts";
import { insertNote, listActivity } from "./activity.ts";
import { announceInquiries } from "./announce.ts";
import type { ActivityEntry } from "./desk-schema.ts";
import { maskActivity } from "./masking.ts";
import { requireBin, seesContacts } from "./service.ts";

/**
 * One page of what happened to an inquiry, newest first.
 * @throws {Problem} `inquiry_not_found`, `invalid_cursor`, `forbidden` for one in the bin
 */
export async function pageOfActivity(
  deps: Pick<Deps, "db" | "permissions" | "signer">,
  principal: Principal,
  inquiryId: string,
  query: { limit: number; cursor?: string | undefined; deleted: boolean },
): Promise<{ data: ActivityEntry[]; nextCursor: string | null }> {
  const { deleted } = query;
  if (deleted) await requireBin(deps, principal);
  const load = async (before: string | undefined, limit: number) => {
    const entries = await listActivity(deps.db, inquiryId, { deleted, before, limit });
    if (entries === undefined) throw new Problem("inquiry_not_found");
    return entries;
  };
  const page = await pageByCursor(deps.signer, query, `activity ${inquiryId}`, load);
  return (await seesContacts(deps, principal))
    ? page
    : { ...page, data: page.data.map(maskActivity) };
}

/**
 * @param idempotencyKey the caller's; the same key and note are one note
 * @throws {Problem} `inquiry_not_found`, `idempotency_key_reused`
 */
export async function addNote(
  deps: Pick<Deps, "db" | "config" | "publish" | "now">,
  principal: Principal,
  inquiryId: string,
  note: string,
  idempotencyKey: string | undefined,
): Promise<{ entry: ActivityEntry; replayed: boolean }> {
  const actor = principal.subject;
  const attempt = { inquiryId, actor, note, idempotencyKey };
  const added = await insertNote(deps.db, deps.config.nodeId, attempt);
  if (added === undefined) throw new Problem("inquiry_not_found");
  const { entry, inquiry, inserted } = added;
  if (entry.note !== note || entry.actor !== actor) throw new Problem("idempotency_key_reused");
  // A note changes no field; whoever has the inquiry open looks at its trail again.
  if (inserted) announceInquiries(deps, [{ type: "inquiry.updated", inquiry }]);
  return { entry, replayed: !inserted };
}
