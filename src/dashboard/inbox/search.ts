import type { Inquiry } from "../../inquiries/schema.ts";
import type { CommonFilters } from "../list/filter-fields.tsx";
import { readDay, readText, startOfDay, withoutEmpty } from "../list/search-params.ts";

export type Status = Inquiry["status"];

export const VIEWS = ["open", "new", "progress", "resolved", "cancelled", "all", "bin"] as const;
export type View = (typeof VIEWS)[number];

/** What a view holds; the bin holds whatever was deleted. */
export const STATUSES_OF: Readonly<Record<View, readonly Status[]>> = {
  open: ["NEW", "IN_PROGRESS"],
  new: ["NEW"],
  progress: ["IN_PROGRESS"],
  resolved: ["RESOLVED"],
  cancelled: ["CANCELLED"],
  all: [],
  bin: [],
};

export const VIEW_NAMES: Readonly<Record<View, string>> = {
  open: "Open",
  new: "New",
  progress: "In progress",
  resolved: "Resolved",
  cancelled: "Spam and cancelled",
  all: "All",
  bin: "Bin",
};

/** What the address says about the list; absent means the usual. */
export interface InboxSearch extends CommonFilters {
  view?: View;
  q?: string;
  assignee?: string;
}

export function parseInboxSearch(search: Record<string, unknown>): InboxSearch {
  const view = VIEWS.find((each) => each === search["view"]);
  return withoutEmpty<InboxSearch>({
    view: view === "open" ? undefined : view,
    q: readText(search["q"]),
    source: readText(search["source"]),
    assignee: readText(search["assignee"]),
    from: readDay(search["from"]),
    to: readDay(search["to"]),
    order: search["order"] === "oldest" ? "oldest" : undefined,
  });
}

/** How many filters there are besides view and search words. */
export function countFilters({ source, assignee, from, to, order }: InboxSearch): number {
  return [source, assignee, from, to, order].filter((value) => value !== undefined).length;
}

/** The same as the query parameters of `GET /inquiries`. */
export function toQuery(search: InboxSearch) {
  const { view = "open", q, source, assignee, from, to, order } = search;
  const status = [...STATUSES_OF[view]];
  return {
    ...(status.length > 0 && { status }),
    ...(q !== undefined && { q }),
    ...(source !== undefined && { source }),
    ...(assignee !== undefined && { assignee }),
    ...(from !== undefined && { from: startOfDay(from).toISOString() }),
    ...(to !== undefined && { to: startOfDay(to, 1).toISOString() }),
    ...(order !== undefined && { order }),
    ...(view === "bin" && { deleted: "true" as const }),
  };
}

/**
 * Whether an inquiry belongs to the list, as far as it can be told here: for search words an
 * approximation of what the database does with them.
 */
export function matches(search: InboxSearch, inquiry: Inquiry): boolean {
  const { view = "open", q, source, assignee, from, to } = search;
  const statuses = STATUSES_OF[view];
  if ((inquiry.deletedAt !== null) !== (view === "bin")) return false;
  if (statuses.length > 0 && !statuses.includes(inquiry.status)) return false;
  if (source !== undefined && inquiry.source !== source) return false;
  if (assignee !== undefined && inquiry.assignee !== assignee) return false;
  const submitted = Date.parse(inquiry.submittedAt);
  if (from !== undefined && submitted < startOfDay(from).getTime()) return false;
  if (to !== undefined && submitted >= startOfDay(to, 1).getTime()) return false;
  if (q === undefined) return true;
  const text = [inquiry.name, inquiry.email, inquiry.subject, inquiry.message]
    .join(" ")
    .toLowerCase();
  return q
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
