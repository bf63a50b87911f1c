import { api } from "../api/client.ts";
import { ExportDialog } from "../transfer/export-dialog.tsx";
import { useSubscriberCounts } from "./queries.ts";
import { type SubscriberSearch, toQuery, VIEW_NAMES } from "./search.ts";

/** The list as it is filtered now, all of it. */
export function ExportSubscribers(props: { search: SubscriberSearch; onClose: () => void }) {
  const { search, onClose } = props;
  const { view = "active", q, source, from, to } = search;
  const { data } = useSubscriberCounts();
  const said = [
    q && `that matches “${q}”`,
    source && `from ${source}`,
    from && `since ${from}`,
    to && `until ${to}`,
  ].filter((text) => text !== undefined);
  const counts = { active: data?.counts.ACTIVE, left: data?.counts.UNSUBSCRIBED, all: data?.total };
  return (
    <ExportDialog
      title="Export subscribers"
      filename={`subscribers-${view}`}
      expected={said.length === 0 && view !== "bin" ? counts[view] : undefined}
      begin={(format, signal) =>
        api.subscribers.export.$get({ query: { ...toQuery(search), format } }, { init: { signal } })
      }
      onClose={onClose}
    >
      <p>
        Everybody in <strong>{VIEW_NAMES[view]}</strong>
        {said.length > 0 && <> {said.join(", ")}</>}, with their addresses and what they agreed to.
        Links to unsubscribe are not in it.
      </p>
    </ExportDialog>
  );
}
