import { useNavigate, useParams, useRouterState, useSearch } from "@tanstack/react-router";
import { Download, Plus, Upload } from "lucide-react";
import { useCallback, useEffect, useRef, useState } from "react";
import { ListPane } from "../list/list-pane.tsx";
import { useReading } from "../list/use-reading.ts";
import { useMay } from "../session/me.ts";
import { useShortcuts } from "../shell/shortcuts.ts";
import { Button, IconButton } from "../ui/button.tsx";
import { DetailPane } from "./detail-pane.tsx";
import { FilterBar } from "./filter-bar.tsx";
import { NothingHere } from "./nothing-here.tsx";
import { Row } from "./row.tsx";
import { VIEW_NAMES } from "./search.ts";
import { type Sheet, Sheets } from "./sheets.tsx";
import { useSubscriberActions, useSubscribers } from "./use-subscribers.ts";
import { SubscriberViews } from "./view-links.tsx";

/** List and detail side by side, like the inbox. */
export function SubscribersPage() {
  const search = useSearch({ from: "/subscribers" });
  const { id: openId } = useParams({ strict: false });
  const navigate = useNavigate();
  const query = useRouterState({ select: ({ location }) => location.searchStr });
  const searchField = useRef<HTMLInputElement>(null);
  const { scroller, mayInsert, pointing, ...reading } = useReading(openId);
  const [sheet, setSheet] = useState<Sheet>();
  const may = useMay();
  const { list, state, arrivals, showArrivals, reload } = useSubscribers(search, mayInsert);

  const open = useCallback(
    (id: string | undefined, replace = false) =>
      navigate(
        id === undefined
          ? { to: "/subscribers", search, replace }
          : { to: "/subscribers/$id", params: { id }, search, replace },
      ),
    [navigate, search],
  );
  const actions = useSubscriberActions({ list, search, openId, open });

  const { view = "active" } = search;
  useEffect(() => {
    document.title = `${arrivals > 0 ? `(${arrivals}) ` : ""}Subscribers · Outreach`;
  }, [arrivals]);

  const mayEdit = may("subscriber", "update") && view !== "bin";
  const close = () => reading.close(list, open);
  const show = (which: Sheet) => (mayEdit ? () => setSheet(which) : undefined);
  useShortcuts({
    j: () => reading.move(list, open, 1),
    k: () => reading.move(list, open, -1),
    Escape: close,
    "/": () => searchField.current?.focus(),
    ".": () => {
      showArrivals();
      reading.toTop();
    },
    c: () => may("subscriber", "create") && setSheet("entry"),
    d: () => actions.opened && mayEdit && setSheet("edit"),
    "#": () => may("subscriber", "delete") && openId && void actions.remove(openId),
  });

  return (
    <div className={openId === undefined ? "inbox" : "inbox has-open"}>
      <h1 className="sr">Subscribers</h1>
      <section className="inbox-list" aria-label={VIEW_NAMES[view]} {...pointing}>
        <div className="inbox-head">
          <h2>{VIEW_NAMES[view]}</h2>
          <div className="inbox-head-actions">
            {may("subscriber", "create") && (
              <Button look="quiet" onPress={() => setSheet("entry")}>
                <Plus size={17} aria-hidden="true" /> Add
              </Button>
            )}
            {may("subscriber", "import") && (
              <IconButton label="Import" onPress={() => setSheet("import")}>
                <Upload size={18} aria-hidden="true" />
              </IconButton>
            )}
            {may("subscriber", "export") && (
              <IconButton label="Export" onPress={() => setSheet("export")}>
                <Download size={18} aria-hidden="true" />
              </IconButton>
            )}
          </div>
        </div>
        <nav aria-label="Views" className="strip-nav">
          <SubscriberViews place="strip" />
        </nav>
        <FilterBar search={search} searchField={searchField} />
        <ListPane
          {...{ list, state, arrivals, scroller }}
          label="Subscribers"
          renderRow={(subscriber) => (
            <Row
              subscriber={subscriber}
              open={subscriber.id === openId}
              onOpen={open}
              query={query}
            />
          )}
          nothing={<NothingHere search={search} />}
          onShowArrivals={showArrivals}
        />
      </section>
      <section className="inbox-detail" aria-label="Subscriber">
        <DetailPane
          key={openId ?? "none"}
          id={openId}
          inBin={view === "bin"}
          actions={actions}
          onEdit={show("edit")}
          onUnsubscribe={show("unsubscribe")}
          onPutBack={show("put-back")}
          onClose={close}
        />
      </section>
      <Sheets
        {...{ sheet, search, list, actions, reload }}
        onClose={() => setSheet(undefined)}
        onOpen={(id, inBin) =>
          void navigate({
            to: "/subscribers/$id",
            params: { id },
            search: inBin ? { view: "bin" } : search,
          })
        }
      />
    </div>
  );
}
