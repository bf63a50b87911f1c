import { getTableColumns } from "drizzle-orm";
import { type SubscriberRow, subscribers } from "../db/schema.ts";
import type { Subscriber } from "./subscriber-schema.ts";

const { unsubscribeToken, ...columns } = getTableColumns(subscribers);

/** What a statement that is not about links asks for: the token stays in the database. */
export const SUBSCRIBER_COLUMNS = columns;

export type SubscriberWithoutToken = Omit<SubscriberRow, "unsubscribeToken">;

/** Without the keys: no answer and no event ever carries them. */
export function toSubscriber(row: SubscriberWithoutToken): Subscriber {
  return {
    id: row.id,
    status: row.status,
    email: row.email,
    name: row.name,
    source: row.source,
    locale: row.locale,
    consent: row.consent,
    spamReasons: row.spamReasons,
    version: row.version,
    subscribedAt: row.subscribedAt.toISOString(),
    unsubscribedAt: row.unsubscribedAt?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
    createdBy: row.createdBy,
    modifiedAt: row.modifiedAt.toISOString(),
    modifiedBy: row.modifiedBy,
    deletedAt: row.deletedAt?.toISOString() ?? null,
  };
}
