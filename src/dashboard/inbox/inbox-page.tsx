import { useNavigate, useParams, useRouterState, useSearch } from "@tanstack/react-router";
import { Download, Keyboard, Plus } from "lucide-react";
import { useCallback, useEffect, useRef, useState } from "react";
import { ListPane } from "../list/list-pane.tsx";
import { useReading } from "../list/use-reading.ts";
import { useMay, useMe } from "../session/me.ts";
import { useShortcuts } from "../shell/shortcuts.ts";
import { Button, IconButton } from "../ui/button.tsx";
import { laterDialog } from "../ui/later.tsx";
import { toast, toastProblem } from "../ui/toasts.tsx";
import { BulkBar } from "./bulk-bar.tsx";
import { DetailPane } from "./detail-pane.tsx";
import { FilterBar } from "./filter-bar.tsx";
import { NothingHere } from "./nothing-here.tsx";
import { Row } from "./row.tsx";
import { matches, VIEW_NAMES } from "./search.ts";
import { undoTriage } from "./triage.ts";
import { useActions } from "./use-actions.ts";
import { useInbox } from "./use-inbox.ts";
import { useSelection } from "./use-selection.ts";
import { ViewLinks } from "./view-links.tsx";

const HelpSheet = laterDialog(
  async () => (await import("./help-sheet.tsx")).HelpSheet,
  (props) => props.onClose(),
);
const EntryDialog = laterDialog(
  async () => (await import("./entry-dialog.tsx")).EntryDialog,
  (props) => props.onClose(),
);
const EditDialog = laterDialog(
  async () => (await import("./edit-dialog.tsx")).EditDialog,
  (props) => props.onClose(),
);
const ExportInquiries = laterDialog(
  async () => (await import("./export-inquiries.tsx")).ExportInquiries,
  (props) => props.onClose(),
);
const InquiryConflict = laterDialog(
  async () => (await import("./inquiry-conflict.tsx")).InquiryConflict,
  (props) => props.onKeepTheirs(),
);

/** List and detail side by side; on a narrow screen one of the two. */
export function InboxPage() {
  const search = useSearch({ from: "/inquiries" });
  const { id: openId } = useParams({ strict: false });
  const navigate = useNavigate();
  const query = useRouterState({ select: ({ location }) => location.searchStr });
  const searchField = useRef<HTMLInputElement>(null);
  const { scroller, mayInsert, pointing, ...reading } = useReading(openId);
  const [sheet, setSheet] = useState<"help" | "entry" | "edit" | "export">();
  const closeSheet = () => setSheet(undefined);
  const { data: me } = useMe();
  const may = useMay();

  const { list, state, arrivals, showArrivals } = useInbox(search, mayInsert);
  const { selection, select, clear } = useSelection(list);

  const open = useCallback(
    (id: string | undefined, replace = false) =>
      navigate(
        id === undefined
          ? { to: "/inquiries", search, replace }
          : { to: "/inquiries/$id", params: { id }, search, replace },
      ),
    [navigate, search],
  );
  const actions = useActions({ list, search, openId, open, clear });

  const { view = "open" } = search;
  useEffect(() => {
    document.title = `${arrivals > 0 ? `(${arrivals}) ` : ""}${VIEW_NAMES[view]} · Outreach`;
  }, [arrivals, view]);

  const targets = () =>
    selection.size > 0
      ? [...selection].flatMap((id) => list.find(id) ?? [])
      : actions.opened
        ? [actions.opened]
        : [];
  const close = () => (selection.size > 0 ? clear() : reading.close(list, open));
  const mayTriage = may("inquiry", "triage") || may("inquiry", "update");
  const mayEdit = may("inquiry", "update") && view !== "bin";
  const triageKey = (to: Parameters<typeof actions.triage>[1]) => () => {
    if (mayTriage && view !== "bin") actions.triage(targets(), to);
  };
  useShortcuts({
    j: () => reading.move(list, open, 1),
    k: () => reading.move(list, open, -1),
    Escape: close,
    "/": () => searchField.current?.focus(),
    "?": () => setSheet("help"),
    c: () => may("inquiry", "create") && setSheet("entry"),
    d: () => actions.opened && mayEdit && setSheet("edit"),
    ".": () => {
      showArrivals();
      reading.toTop();
    },
    x: () => openId && select(openId, !selection.has(openId)),
    e: triageKey("RESOLVED"),
    s: triageKey("IN_PROGRESS"),
    "!": triageKey("CANCELLED"),
    i: triageKey("NEW"),
    z: undoTriage,
    "#": () => may("inquiry", "delete") && openId && void actions.remove(openId),
    a: () => {
      const [inquiry] = targets();
      if (!inquiry || !may("inquiry", "update")) return;
      const assignee = inquiry.assignee === me?.subject ? null : (me?.subject ?? null);
      actions.edit(inquiry, { assignee }).then(
        (saved) => saved && toast({ text: assignee ? "Assigned to you" : "Assigned to nobody" }),
        (error) => toastProblem("Nobody was assigned", error),
      );
    },
    n: () => document.getElementById("note")?.focus(),
  });

  return (
    <div className={openId === undefined ? "inbox" : "inbox has-open"}>
      <h1 className="sr">Inquiries</h1>
      <section className="inbox-list" aria-label={VIEW_NAMES[view]} {...pointing}>
        <div className="inbox-head">
          <h2>{VIEW_NAMES[view]}</h2>
          <div className="inbox-head-actions">
            {may("inquiry", "create") && (
              <Button look="quiet" onPress={() => setSheet("entry")}>
                <Plus size={17} aria-hidden="true" /> New
              </Button>
            )}
            {may("inquiry", "export") && (
              <IconButton label="Export" onPress={() => setSheet("export")}>
                <Download size={18} aria-hidden="true" />
              </IconButton>
            )}
            <span className="only-wide">
              <IconButton label="Keyboard help" onPress={() => setSheet("help")}>
                <Keyboard size={18} aria-hidden="true" />
              </IconButton>
            </span>
          </div>
        </div>
        <nav aria-label="Views" className="strip-nav">
          <ViewLinks place="strip" />
        </nav>
        <FilterBar search={search} searchField={searchField} />
        {selection.size > 0 && (
          <BulkBar
            count={selection.size}
            view={view}
            onTriage={mayTriage ? (to) => actions.triage(targets(), to) : undefined}
            onClear={clear}
          />
        )}
        <ListPane
          {...{ list, state, arrivals, scroller }}
          label="Inquiries"
          renderRow={(inquiry) => (
            <Row
              inquiry={inquiry}
              open={inquiry.id === openId}
              selected={selection.has(inquiry.id)}
              onSelect={select}
              onOpen={open}
              query={query}
            />
          )}
          nothing={<NothingHere search={search} />}
          onShowArrivals={showArrivals}
        />
      </section>
      <section className="inbox-detail" aria-label="Inquiry">
        <DetailPane
          key={openId ?? "none"}
          id={openId}
          inBin={view === "bin"}
          actions={actions}
          mayTriage={mayTriage}
          onEdit={mayEdit ? () => setSheet("edit") : undefined}
          onClose={close}
        />
      </section>

      {sheet === "help" && <HelpSheet onClose={closeSheet} />}
      {sheet === "export" && <ExportInquiries search={search} onClose={closeSheet} />}
      {sheet === "entry" && (
        <EntryDialog
          onClose={closeSheet}
          onSaved={(inquiry) => {
            closeSheet();
            if (matches(search, inquiry) && search.order !== "oldest") list.prepend([inquiry]);
            toast({ text: `Saved the inquiry of ${inquiry.name}` });
            void open(inquiry.id);
          }}
        />
      )}
      {sheet === "edit" && actions.opened && (
        <EditDialog
          inquiry={actions.opened}
          onSave={async (before, patch) => {
            if (await actions.edit(before, patch)) toast({ text: "Saved" });
          }}
          onClose={closeSheet}
        />
      )}
      {actions.conflict && (
        <InquiryConflict
          conflict={actions.conflict}
          onKeepTheirs={actions.keepTheirs}
          onApplyMine={actions.mayApply ? actions.applyMine : undefined}
        />
      )}
    </div>
  );
}
