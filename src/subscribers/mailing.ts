import { newestId } from "../db/keyset.ts";
import { subscribers } from "../db/schema.ts";
import type { Deps } from "../deps.ts";
import type { ExportColumn, NextPage } from "../http/export.ts";
import { listWithTokens } from "./list.ts";
import { signUnsubscribeToken } from "./unsubscribe-token.ts";

/** What a program that sends a campaign needs of one subscriber. */
export interface Recipient {
  readonly id: string;
  readonly email: string;
  readonly name: string | null;
  readonly locale: string | null;
  readonly unsubscribeUrl: string;
  /** The value of the header `List-Unsubscribe`, RFC 2369. */
  readonly listUnsubscribe: string;
  /** The value of the header `List-Unsubscribe-Post`, RFC 8058. */
  readonly listUnsubscribePost: string;
}

const FIELDS = [
  "id",
  "email",
  "name",
  "locale",
  "unsubscribeUrl",
  "listUnsubscribe",
  "listUnsubscribePost",
] as const satisfies (keyof Recipient)[];

export const MAILING_COLUMNS: readonly ExportColumn<Recipient>[] = FIELDS.map((name) => ({
  name,
  value: (recipient) => recipient[name],
}));

/**
 * The pages of the mailing list: who is ACTIVE at the moment a page is read. The only place that yields
 * links.
 * @param unsubscribePath where links lead to, below the public base URL
 */
export async function pagesOfRecipients(
  { db, signer, config }: Pick<Deps, "db" | "signer" | "config">,
  unsubscribePath: string,
): Promise<NextPage<Recipient>> {
  const upTo = (await newestId(db, subscribers)) ?? "0";
  const filters = { status: ["ACTIVE" as const], deleted: false, order: "oldest" as const };
  return async (last, limit) => {
    const rows = await listWithTokens(db, filters, { after: last?.id, upTo, limit });
    return Promise.all(
      rows.map(async ({ id, email, name, locale, unsubscribeToken }) => {
        const url = new URL(unsubscribePath, config.publicBaseUrl);
        url.searchParams.set("token", await signUnsubscribeToken(signer, unsubscribeToken));
        return {
          id,
          // Only who was erased has none, and is not ACTIVE.
          email: email ?? "",
          name,
          locale,
          unsubscribeUrl: url.href,
          listUnsubscribe: `<${url.href}>`,
          listUnsubscribePost: "List-Unsubscribe=One-Click",
        };
      }),
    );
  };
}
