import { Link, useRouterState } from "@tanstack/react-router";
import { useMay } from "../session/me.ts";
import { useCounts } from "./queries.ts";
import { parseInboxSearch, STATUSES_OF, VIEW_NAMES, type View } from "./search.ts";

const SHOWN: readonly View[] = ["open", "new", "progress", "resolved", "cancelled", "all", "bin"];
const compact = new Intl.NumberFormat(undefined, { notation: "compact" });

/** The views of the inbox with their counts: in the rail, and as a strip above the list on phones. */
export function ViewLinks({ place }: { place: "rail" | "strip" }) {
  const may = useMay();
  const { data } = useCounts();
  const current = useRouterState({
    select: ({ location }) =>
      location.pathname.startsWith("/inquiries")
        ? (parseInboxSearch(location.search as Record<string, unknown>).view ?? "open")
        : undefined,
  });
  return (
    <ul className={`views ${place}`} aria-label="Views">
      {SHOWN.filter((view) => view !== "bin" || may("inquiry", "delete")).map((view) => {
        const count = data && countOf(view, data.counts);
        return (
          <li key={view}>
            <Link
              to="/inquiries"
              search={view === "open" ? {} : { view }}
              className={view === current ? "view-link current" : "view-link"}
              aria-current={view === current ? "page" : undefined}
            >
              <span>{VIEW_NAMES[view]}</span>
              {count !== undefined && count > 0 && (
                <span className="count" title={count.toLocaleString()}>
                  {compact.format(count)}
                </span>
              )}
            </Link>
          </li>
        );
      })}
    </ul>
  );
}

/** Counted are the views that call for work; how much has been done is for the statistics. */
function countOf(
  view: View,
  counts: Readonly<Partial<Record<string, number>>>,
): number | undefined {
  if (view !== "open" && view !== "new" && view !== "progress") return undefined;
  return STATUSES_OF[view].reduce((sum, status) => sum + (counts[status] ?? 0), 0);
}
