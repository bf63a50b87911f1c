import type { Principal } from "../auth/principal.ts";
import type { InquiryStatus } from "../db/schema.ts";
import type { Deps } from "../deps.ts";
import { decodeCursor, encodeCursor } from "../http/pagination.ts";
import { Problem } from "../http/problem.ts";
import { maskInquiry } from "./masking.ts";
import { findInquiry, listInquiries } from "./repository.ts";
import type { Inquiry } from "./schema.ts";

/** One page of the desk's list, newest first. @throws {Problem} `invalid_cursor` */
export async function pageOfInquiries(
  deps: Pick<Deps, "db" | "signer" | "permissions">,
  principal: Principal,
  query: { limit: number; cursor?: string | undefined; status?: InquiryStatus[] | undefined },
): Promise<{ data: Inquiry[]; nextCursor: string | null }> {
  const filters = JSON.stringify({ status: query.status?.toSorted() });
  const before =
    query.cursor === undefined ? undefined : await decodeCursor(deps.signer, query.cursor, filters);
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
