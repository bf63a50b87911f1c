import type { Principal } from "../auth/principal.ts";
import type { InquiryStatus } from "../db/schema.ts";
import type { Deps } from "../deps.ts";
import { decodeCursor, encodeCursor } from "../http/pagination.ts";
import { Problem } from "../http/problem.ts";
import { listInquiries, type Selection } from "./list.ts";
import type { InquiryFilters, InquiryListQuery } from "./list-schema.ts";
import { maskInquiry } from "./masking.ts";
import { findInquiry } from "./repository.ts";
import type { Inquiry } from "./schema.ts";

type Reading = Pick<Deps, "db" | "permissions">;

/** One page of the desk's list. @throws {Problem} `invalid_cursor`, `forbidden` for the bin */
export async function pageOfInquiries(
  deps: Reading & Pick<Deps, "signer">,
  principal: Principal,
  query: InquiryListQuery,
): Promise<{ data: Inquiry[]; nextCursor: string | null }> {
  const { limit, cursor, ...filters } = query;
  const selection = await selectionFor(deps, principal, filters);
  const fingerprint = fingerprintOf(filters);
  const after =
    cursor === undefined ? undefined : await decodeCursor(deps.signer, cursor, fingerprint);
  const rows = await listInquiries(deps.db, selection, { after, limit: limit + 1 });
  const data = rows.slice(0, limit);
  const last = data.at(-1);
  return {
    data: selection.searchesContacts ? data : data.map(maskInquiry),
    nextCursor:
      rows.length > limit && last ? await encodeCursor(deps.signer, last.id, fingerprint) : null,
  };
}

/** @throws {Problem} `inquiry_not_found`, `forbidden` for the bin */
export async function getInquiry(
  deps: Reading,
  principal: Principal,
  id: string,
  options: { deleted: boolean },
): Promise<Inquiry> {
  if (options.deleted) await requireBin(deps, principal);
  const inquiry = await findInquiry(deps.db, id, options);
  if (inquiry === undefined) throw new Problem("inquiry_not_found");
  return viewFor(deps, principal, inquiry);
}

/** The filters with what this principal may see by them. @throws {Problem} `forbidden` for the bin */
export async function selectionFor(
  deps: Pick<Deps, "permissions">,
  principal: Principal,
  filters: InquiryFilters,
): Promise<Selection> {
  if (filters.deleted) await requireBin(deps, principal);
  return { ...filters, searchesContacts: await seesContacts(deps, principal) };
}

/** The inquiry as this principal may see it. */
export async function viewFor(
  deps: Pick<Deps, "permissions">,
  principal: Principal,
  inquiry: Inquiry,
): Promise<Inquiry> {
  return (await seesContacts(deps, principal)) ? inquiry : maskInquiry(inquiry);
}

export function seesContacts(
  deps: Pick<Deps, "permissions">,
  principal: Principal,
): Promise<boolean> {
  return deps.permissions.allows(principal, "inquiry", "contact");
}

/** What was deleted is only for those who may delete. @throws {Problem} `forbidden` */
export async function requireBin(
  deps: Pick<Deps, "permissions">,
  principal: Principal,
): Promise<void> {
  if (!(await deps.permissions.allows(principal, "inquiry", "delete"))) {
    throw new Problem("forbidden");
  }
}

/** The same for the same filters, however they were written. */
function fingerprintOf({ status, from, to, ...others }: InquiryFilters): string {
  const statuses: InquiryStatus[] = [...new Set(status)].sort();
  const sorted = Object.entries(others).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([statuses, from?.toISOString(), to?.toISOString(), sorted]);
}
