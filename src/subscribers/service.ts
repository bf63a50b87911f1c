import type { Principal } from "../auth/principal.ts";
import { newestId } from "../db/keyset.ts";
import { subscribers } from "../db/schema.ts";
import type { Deps } from "../deps.ts";
import type { ExportColumn, NextPage } from "../http/export.ts";
import { fingerprintOf } from "../http/list-query.ts";
import { pageByCursor } from "../http/pagination.ts";
import { requirePermission } from "../http/permission.ts";
import { Problem } from "../http/problem.ts";
import { listActivity, selectSubscriber } from "./changes.ts";
import type { SubscriberActivityEntry } from "./desk-schema.ts";
import { listSubscribers } from "./list.ts";
import type { SubscriberFilters, SubscriberListQuery } from "./list-schema.ts";
import { toSubscriber } from "./subscriber.ts";
import type { Subscriber } from "./subscriber-schema.ts";

type Reading = Pick<Deps, "db" | "permissions">;

/** One page of the desk's list. @throws {Problem} `invalid_cursor`, `forbidden` for the bin */
export async function pageOfSubscribers(
  deps: Reading & Pick<Deps, "signer">,
  principal: Principal,
  { limit, cursor, ...filters }: SubscriberListQuery,
): Promise<{ data: Subscriber[]; nextCursor: string | null }> {
  await requireBin(deps, principal, filters);
  const fingerprint = `subscribers ${fingerprintOf(filters)}`;
  return pageByCursor(deps.signer, { limit, cursor }, fingerprint, async (after, limit) =>
    (await listSubscribers(deps.db, filters, { after, limit })).map(toSubscriber),
  );
}

/** @throws {Problem} `subscriber_not_found`, `forbidden` for the bin */
export async function getSubscriber(
  deps: Reading,
  principal: Principal,
  id: string,
  options: { deleted: boolean },
): Promise<Subscriber> {
  await requireBin(deps, principal, options);
  const [row] = await selectSubscriber(deps.db, id, options);
  if (row === undefined) throw new Problem("subscriber_not_found");
  return toSubscriber(row);
}

/**
 * One page of what happened to a subscriber, newest first.
 * @throws {Problem} `subscriber_not_found`, `invalid_cursor`, `forbidden` for one in the bin
 */
export async function pageOfActivity(
  deps: Reading & Pick<Deps, "signer">,
  principal: Principal,
  id: string,
  query: { limit: number; cursor?: string | undefined; deleted: boolean },
): Promise<{ data: SubscriberActivityEntry[]; nextCursor: string | null }> {
  const { deleted } = query;
  await requireBin(deps, principal, query);
  return pageByCursor(deps.signer, query, `subscriber activity ${id}`, async (before, limit) => {
    const entries = await listActivity(deps.db, id, { deleted, before, limit });
    if (entries === undefined) throw new Problem("subscriber_not_found");
    return entries;
  });
}

const EXPORTED = [
  "id",
  "status",
  "email",
  "name",
  "source",
  "locale",
  "subscribedAt",
  "unsubscribedAt",
  "spamReasons",
  "version",
  "createdAt",
  "createdBy",
  "modifiedAt",
  "modifiedBy",
  "deletedAt",
] as const satisfies (keyof Subscriber)[];

/** Consent is three columns, under the names that an import knows. */
export const SUBSCRIBER_COLUMNS_OF_EXPORT: readonly ExportColumn<Subscriber>[] = [
  ...EXPORTED.map((name) => ({ name, value: (subscriber: Subscriber) => subscriber[name] })),
  { name: "consentAt", value: ({ consent }) => consent?.at },
  { name: "consentPage", value: ({ consent }) => consent?.page },
  { name: "consentWording", value: ({ consent }) => consent?.wording },
];

/**
 * The pages of an export. What is stored after it has begun is not part of it, so it ends.
 * @throws {Problem} `forbidden` for the bin
 */
export async function pagesOfSubscribers(
  deps: Reading,
  principal: Principal,
  filters: SubscriberFilters,
): Promise<NextPage<Subscriber>> {
  await requireBin(deps, principal, filters);
  const upTo = (await newestId(deps.db, subscribers)) ?? "0";
  return async (last, limit) =>
    (await listSubscribers(deps.db, filters, { after: last?.id, upTo, limit })).map(toSubscriber);
}

/** What was deleted is only for those who may delete. @throws {Problem} `forbidden` */
async function requireBin(
  { permissions }: Pick<Deps, "permissions">,
  principal: Principal,
  { deleted }: { deleted: boolean },
): Promise<void> {
  if (deleted) await requirePermission(permissions, principal, "subscriber", "delete");
}
