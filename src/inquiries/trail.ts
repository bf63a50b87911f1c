import type { Principal } from "../auth/principal.ts";
import type { Deps } from "../deps.ts";
import { decodeCursor, encodeCursor } from "../http/pagination.ts";
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
  const { limit, cursor, deleted } = query;
  if (deleted) await requireBin(deps, principal);
  const fingerprint = `activity ${inquiryId}`;
  const before =
    cursor === undefined ? undefined : await decodeCursor(deps.signer, cursor, fingerprint);
  const entries = await listActivity(deps.db, inquiryId, { deleted, before, limit: limit + 1 });
  if (entries === undefined) throw new Problem("inquiry_not_found");
  const data = entries.slice(0, limit);
  const last = data.at(-1);
  const more = entries.length > limit && last !== undefined;
  return {
    data: (await seesContacts(deps, principal)) ? data : data.map(maskActivity),
    nextCursor: more ? await encodeCursor(deps.signer, last.id, fingerprint) : null,
  };
}

/** @throws {Problem} `inquiry_not_found` */
export async function addNote(
  deps: Pick<Deps, "db" | "config" | "publish" | "now">,
  principal: Principal,
  inquiryId: string,
  note: string,
): Promise<ActivityEntry> {
  const actor = principal.subject;
  const added = await insertNote(deps.db, deps.config.nodeId, { inquiryId, actor, note });
  if (added === undefined) throw new Problem("inquiry_not_found");
  // A note changes no field; whoever has the inquiry open looks at its trail again.
  announceInquiries(deps, [{ type: "inquiry.updated", inquiry: added.inquiry }]);
  return added.entry;
}
