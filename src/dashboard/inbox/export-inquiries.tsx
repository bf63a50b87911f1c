import { api } from "../api/client.ts";
import { ExportDialog } from "../transfer/export-dialog.tsx";
import { useCounts } from "./queries.ts";
import { type InboxSearch, STATUSES_OF, toQuery, VIEW_NAMES } from "./search.ts";

/** The list as it is filtered now, all of it. */
export function ExportInquiries({ search, onClose }: { search: InboxSearch; onClose: () => void }) {
  const { data } = useCounts();
  const { view = "open", order: _, ...filters } = search;
  const said = sayFilters(filters);
  return (
    <ExportDialog
      title="Export inquiries"
      filename={`inquiries-${view}`}
      expected={said.length === 0 && data ? sumOf(view, data.counts) : undefined}
      begin={(format, signal) =>
        api.inquiries.export.$get({ query: { ...toQuery(search), format } }, { init: { signal } })
      }
      onClose={onClose}
    >
      <p>
        Everything in <strong>{VIEW_NAMES[view]}</strong>
        {said.length > 0 && <> {said.join(", ")}</>}, with names and addresses: keep the file where
        only those find it who should.
      </p>
    </ExportDialog>
  );
}

function sayFilters({ q, source, assignee, from, to }: InboxSearch): string[] {
  return [
    q && `that matches “${q}”`,
    source && `from ${source}`,
    assignee && `assigned to ${assignee}`,
    from && `since ${from}`,
    to && `until ${to}`,
  ].filter((text) => text !== undefined);
}

/** What is in the bin is not counted. */
function sumOf(
  view: keyof typeof STATUSES_OF,
  counts: Readonly<Partial<Record<string, number>>>,
): number | undefined {
  if (view === "bin") return undefined;
  const statuses = STATUSES_OF[view];
  return (statuses.length > 0 ? statuses : Object.keys(counts)).reduce(
    (sum, status) => sum + (counts[status] ?? 0),
    0,
  );
}
