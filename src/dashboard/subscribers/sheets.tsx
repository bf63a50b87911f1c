import type { SubscriberPatch } from "../../subscribers/desk-schema.ts";
import type { Subscriber } from "../../subscribers/subscriber-schema.ts";
import type { RowList } from "../list/row-list.ts";
import { laterDialog } from "../ui/later.tsx";
import { toast, toastProblem } from "../ui/toasts.tsx";
import { recountSubscribers } from "./queries.ts";
import { matches, type SubscriberSearch } from "./search.ts";
import type { SubscriberActions } from "./use-subscribers.ts";

export type Sheet = "entry" | "edit" | "unsubscribe" | "put-back" | "export" | "import";

const EntryDialog = laterDialog(
  async () => (await import("./entry-dialog.tsx")).EntryDialog,
  (props) => props.onClose(),
);
const EditDialog = laterDialog(
  async () => (await import("./edit-dialog.tsx")).EditDialog,
  (props) => props.onClose(),
);
const PutBackDialog = laterDialog(
  async () => (await import("./put-back-dialog.tsx")).PutBackDialog,
  (props) => props.onClose(),
);
const ConfirmDialog = laterDialog(
  async () => (await import("../ui/confirm-dialog.tsx")).ConfirmDialog,
  (props) => props.onCancel(),
);
const ExportSubscribers = laterDialog(
  async () => (await import("./export-subscribers.tsx")).ExportSubscribers,
  (props) => props.onClose(),
);
const ImportDialog = laterDialog(
  async () => (await import("./import-dialog.tsx")).ImportDialog,
  (props) => props.onClose(),
);
const SubscriberConflict = laterDialog(
  async () => (await import("./subscriber-conflict.tsx")).SubscriberConflict,
  (props) => props.onKeepTheirs(),
);

/** Every dialogue of the page; each is loaded when it is opened. */
export function Sheets(props: {
  sheet: Sheet | undefined;
  search: SubscriberSearch;
  list: RowList<Subscriber>;
  actions: SubscriberActions;
  /** Loads the list anew. */
  reload: () => void;
  onOpen: (id: string, inBin: boolean) => void;
  onClose: () => void;
}) {
  const { sheet, search, list, actions, reload, onOpen, onClose } = props;
  const { opened, conflict, edit } = actions;

  /** Saves, says so, and takes the row away where it does not belong any more. */
  async function change(before: Subscriber, patch: SubscriberPatch, said: string): Promise<void> {
    const saved = await edit(before, patch);
    if (!saved) return;
    toast({ text: said });
    if (!matches(search, saved)) actions.takeAway(new Set([saved.id]));
  }

  return (
    <>
      {sheet === "entry" && (
        <EntryDialog
          onClose={onClose}
          onSaved={(subscriber) => {
            onClose();
            if (matches(search, subscriber) && search.order !== "oldest")
              list.prepend([subscriber]);
            recountSubscribers();
            toast({ text: `${subscriber.email} is on the list` });
            onOpen(subscriber.id, false);
          }}
          onShow={(id, inBin) => {
            onClose();
            onOpen(id, inBin);
          }}
        />
      )}
      {sheet === "edit" && opened && (
        <EditDialog
          subscriber={opened}
          onSave={(before, patch) => change(before, patch, "Saved")}
          onClose={onClose}
        />
      )}
      {sheet === "unsubscribe" && opened && (
        <ConfirmDialog
          title="Take them off the list?"
          action="Unsubscribe"
          onCancel={onClose}
          onConfirm={() => {
            onClose();
            change(opened, { status: "UNSUBSCRIBED" }, "Taken off the list").catch((error) =>
              toastProblem("Nothing was changed", error),
            );
          }}
        >
          <strong className="any-break">{opened.email}</strong> gets no more mail. They come back
          only if they ask for it again.
        </ConfirmDialog>
      )}
      {sheet === "put-back" && opened?.email && (
        <PutBackDialog
          id={opened.id}
          email={opened.email}
          onClose={onClose}
          onPutBack={async (wording) => {
            const consent = wording === undefined ? {} : { consent: { wording } };
            await change(opened, { status: "ACTIVE", ...consent }, "Back on the list");
            onClose();
          }}
        />
      )}
      {sheet === "export" && <ExportSubscribers search={search} onClose={onClose} />}
      {sheet === "import" && (
        <ImportDialog
          onClose={onClose}
          onImported={() => {
            recountSubscribers();
            reload();
          }}
        />
      )}
      {conflict && (
        <SubscriberConflict
          conflict={conflict}
          onKeepTheirs={actions.keepTheirs}
          onApplyMine={() => {
            actions.keepTheirs();
            change(conflict.now, conflict.wanted as SubscriberPatch, "Saved").catch((error) =>
              toastProblem("Nothing was saved", error),
            );
          }}
        />
      )}
    </>
  );
}
