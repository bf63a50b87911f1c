import type { Principal } from "../auth/principal.ts";
import type { Deps } from "../deps.ts";
import { fingerprintOf } from "../http/list-query.ts";
import { pageByCursor } from "../http/pagination.ts";
import { requirePermission } from "../http/permission.ts";
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
  { limit, cursor, ...filters }: InquiryListQuery,
): Promise<{ data: Inquiry[]; nextCursor: string | null }> {
  const selection = await selectionFor(deps, principal, filters);
  const page = await pageByCursor(
    deps.signer,
    { limit, cursor },
    fingerprintOf(filters),
    (after, limit) => listInquiries(deps.db, selection, { after, limit }),
  );
  return selection.searchesContacts ? page : { ...page, data: page.data.map(maskInquiry) };
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
export function requireBin(
  { permissions }: Pick<Deps, "permissions">,
  principal: Principal,
): Promise<void> {
  return requirePermission(permissions, principal, "inquiry", "delete");
}
