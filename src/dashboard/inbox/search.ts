import type { Inquiry } from "../../inquiries/schema.ts";

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

/** What the address says about the list; absent means the usual. Days are the viewer's own. */
export interface InboxSearch {
  view?: View;
  q?: string;
  source?: string;
  assignee?: string;
  /** `2026-11-22`, included. */
  from?: string;
  to?: string;
  order?: "oldest";
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** Takes what makes sense of an address that anyone may have typed. */
export function parseInboxSearch(search: Record<string, unknown>): InboxSearch {
  const result: InboxSearch = {};
  const view = VIEWS.find((each) => each === search["view"]);
  if (view && view !== "open") result.view = view;
  for (const field of ["q", "source", "assignee"] as const) {
    const value = search[field];
    const text = typeof value === "number" ? String(value) : value;
    if (typeof text === "string" && text.trim()) result[field] = text.slice(0, 200);
  }
  for (const field of ["from", "to"] as const) {
    const value = search[field];
    if (typeof value === "string" && DAY.test(value)) result[field] = value;
  }
  if (search["order"] === "oldest") result.order = "oldest";
  return result;
}

/** How many filters there are besides view and search words. */
export function countFilters({ source, assignee, from, to, order }: InboxSearch): number {
  return [source, assignee, from, to, order].filter((value) => value !== undefined).length;
}

/** Midnight at the start of a day in the viewer's zone; `plusDays` later. */
function startOfDay(day: string, plusDays = 0): Date {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  return new Date(year, month - 1, date + plusDays);
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
