import type { Subscriber } from "../../subscribers/subscriber-schema.ts";
import type { CommonFilters } from "../list/filter-fields.tsx";
import { readDay, readText, startOfDay, withoutEmpty } from "../list/search-params.ts";

export type Status = Subscriber["status"];

export const VIEWS = ["active", "left", "all", "bin"] as const;
export type View = (typeof VIEWS)[number];

const STATUS_OF: Readonly<Record<View, Status | undefined>> = {
  active: "ACTIVE",
  left: "UNSUBSCRIBED",
  all: undefined,
  bin: undefined,
};

export const VIEW_NAMES: Readonly<Record<View, string>> = {
  active: "On the list",
  left: "Have left",
  all: "All",
  bin: "Bin",
};

/** What the address says about the list; absent means the usual. */
export interface SubscriberSearch extends CommonFilters {
  view?: View;
  q?: string;
}

export function parseSubscriberSearch(search: Record<string, unknown>): SubscriberSearch {
  const view = VIEWS.find((each) => each === search["view"]);
  return withoutEmpty<SubscriberSearch>({
    view: view === "active" ? undefined : view,
    q: readText(search["q"]),
    source: readText(search["source"]),
    from: readDay(search["from"]),
    to: readDay(search["to"]),
    order: search["order"] === "oldest" ? "oldest" : undefined,
  });
}

/** How many filters there are besides view and search words. */
export function countFilters({ source, from, to, order }: SubscriberSearch): number {
  return [source, from, to, order].filter((value) => value !== undefined).length;
}

/** The same as the query parameters of `GET /subscribers`. */
export function toQuery(search: SubscriberSearch) {
  const { view = "active", q, source, from, to, order } = search;
  const status = STATUS_OF[view];
  return {
    ...(status !== undefined && { status }),
    ...(q !== undefined && { q }),
    ...(source !== undefined && { source }),
    ...(from !== undefined && { from: startOfDay(from).toISOString() }),
    ...(to !== undefined && { to: startOfDay(to, 1).toISOString() }),
    ...(order !== undefined && { order }),
    ...(view === "bin" && { deleted: "true" as const }),
  };
}

/**
 * Whether a subscriber belongs to the list, as far as it can be told here: for search words an
 * approximation of what the database does with them.
 */
export function matches(search: SubscriberSearch, subscriber: Subscriber): boolean {
  const { view = "active", q, source, from, to } = search;
  const status = STATUS_OF[view];
  if ((subscriber.deletedAt !== null) !== (view === "bin")) return false;
  if (status !== undefined && subscriber.status !== status) return false;
  if (source !== undefined && subscriber.source !== source) return false;
  const created = Date.parse(subscriber.createdAt);
  if (from !== undefined && created < startOfDay(from).getTime()) return false;
  if (to !== undefined && created >= startOfDay(to, 1).getTime()) return false;
  if (q === undefined) return true;
  const text = `${subscriber.email ?? ""} ${subscriber.name ?? ""}`.toLowerCase();
  return q
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
