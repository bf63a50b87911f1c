import type { Principal } from "../auth/principal.ts";
import { newestId } from "../db/keyset.ts";
import { inquiries } from "../db/schema.ts";
import type { Deps } from "../deps.ts";
import type { ExportColumn, NextPage } from "../http/export.ts";
import { listInquiries } from "./list.ts";
import type { InquiryFilters } from "./list-schema.ts";
import { maskInquiry } from "./masking.ts";
import type { Inquiry } from "./schema.ts";
import { selectionFor } from "./service.ts";

const FIELDS = [
  "id",
  "status",
  "submittedAt",
  "name",
  "email",
  "phone",
  "subject",
  "message",
  "source",
  "locale",
  "country",
  "assignee",
  "spamReasons",
  "metadata",
  "firstHandledAt",
  "version",
  "createdAt",
  "createdBy",
  "modifiedAt",
  "modifiedBy",
  "deletedAt",
] as const satisfies (keyof Inquiry)[];

export const INQUIRY_COLUMNS: readonly ExportColumn<Inquiry>[] = FIELDS.map((name) => ({
  name,
  value: (inquiry) => inquiry[name],
}));

/**
 * The pages of an export. What is stored after it has begun is not part of it, so it ends.
 * @throws {Problem} `forbidden` for the bin
 */
export async function pagesOfInquiries(
  deps: Pick<Deps, "db" | "permissions">,
  principal: Principal,
  filters: InquiryFilters,
): Promise<NextPage<Inquiry>> {
  const selection = await selectionFor(deps, principal, filters);
  const upTo = (await newestId(deps.db, inquiries)) ?? "0";
  return async (last, limit) => {
    const page = { after: last?.id, upTo, limit };
    const rows = await listInquiries(deps.db, selection, page);
    return selection.searchesContacts ? rows : rows.map(maskInquiry);
  };
}
