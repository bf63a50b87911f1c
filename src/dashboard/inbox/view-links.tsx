import { linkOptions, useRouterState } from "@tanstack/react-router";
import { ViewList } from "../list/view-list.tsx";
import { useMay } from "../session/me.ts";
import { useCounts } from "./queries.ts";
import { parseInboxSearch, STATUSES_OF, VIEW_NAMES, type View } from "./search.ts";

const SHOWN: readonly View[] = ["open", "new", "progress", "resolved", "cancelled", "all", "bin"];

/** The views of the inbox. */
export function ViewLinks({ place }: { place: "rail" | "strip" }) {
  const may = useMay();
  const { data } = useCounts();
  const current = useRouterState({
    select: ({ location }) =>
      location.pathname.startsWith("/inquiries")
        ? (parseInboxSearch(location.search as Record<string, unknown>).view ?? "open")
        : undefined,
  });
  const items = SHOWN.filter((view) => view !== "bin" || may("inquiry", "delete")).map((view) => ({
    name: VIEW_NAMES[view],
    link: linkOptions({ to: "/inquiries", search: view === "open" ? {} : { view } }),
    isCurrent: view === current,
    count: data && countOf(view, data.counts),
  }));
  return <ViewList place={place} items={items} />;
}

/** Counted are the views that call for work; how much has been done is for the statistics. */
function countOf(
  view: View,
  counts: Readonly<Partial<Record<string, number>>>,
): number | undefined {
  if (view !== "open" && view !== "new" && view !== "progress") return undefined;
  return STATUSES_OF[view].reduce((sum, status) => sum + (counts[status] ?? 0), 0);
}
