import { linkOptions, useRouterState } from "@tanstack/react-router";
import { ViewList } from "../list/view-list.tsx";
import { useMay } from "../session/me.ts";
import { useSubscriberCounts } from "./queries.ts";
import { parseSubscriberSearch, VIEW_NAMES, VIEWS } from "./search.ts";

/** The views of the list; in the rail only while one is among them. */
export function SubscriberViews({ place }: { place: "rail" | "strip" }) {
  const may = useMay();
  const current = useRouterState({
    select: ({ location }) =>
      location.pathname.startsWith("/subscribers")
        ? (parseSubscriberSearch(location.search as Record<string, unknown>).view ?? "active")
        : undefined,
  });
  const { data } = useSubscriberCounts(current !== undefined);
  if (current === undefined) return null;
  const items = VIEWS.filter((view) => view !== "bin" || may("subscriber", "delete")).map(
    (view) => ({
      name: VIEW_NAMES[view],
      link: linkOptions({ to: "/subscribers", search: view === "active" ? {} : { view } }),
      isCurrent: view === current,
      count: view === "active" ? data?.counts.ACTIVE : undefined,
    }),
  );
  return <ViewList place={place} items={items} />;
}
