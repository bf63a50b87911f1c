import type { Inquiry } from "../../inquiries/schema.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Time } from "../ui/time.tsx";
import { STATUS_NAMES } from "./status.tsx";

/** What one wanted, against what another has made of it meanwhile. */
export interface Conflict {
  /** As it was when the change was begun. */
  readonly before: Inquiry;
  readonly wanted: Readonly<Partial<Inquiry>>;
  /** As it is now. */
  readonly now: Inquiry;
}

const FIELDS = {
  status: "Status",
  assignee: "Assigned to",
  subject: "Subject",
  name: "Name",
  email: "E-mail",
  phone: "Phone",
} as const satisfies Partial<Record<keyof Inquiry, string>>;

export function ConflictDialog(props: {
  conflict: Conflict;
  onKeepTheirs: () => void;
  /** Absent when the present status does not allow it. */
  onApplyMine: (() => void) | undefined;
}) {
  const { conflict, onKeepTheirs, onApplyMine } = props;
  const { before, wanted, now } = conflict;
  const mine = { ...before, ...wanted };
  const differing = (Object.keys(FIELDS) as (keyof typeof FIELDS)[]).filter(
    (field) => now[field] !== before[field] || mine[field] !== before[field],
  );
  return (
    <Dialog
      title="Somebody else changed this"
      role="alertdialog"
      isOpen
      wide
      onClose={onKeepTheirs}
    >
      <p>
        {now.modifiedBy ?? "Somebody"} changed the inquiry of <strong>{now.name}</strong>{" "}
        <Time at={now.modifiedAt} /> while you had an older version before you. Nothing of yours has
        been saved.
      </p>
      <div className="scroll-x">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Field</th>
              <th scope="col">You saw</th>
              <th scope="col">Theirs, saved</th>
              <th scope="col">Yours, not saved</th>
            </tr>
          </thead>
          <tbody>
            {differing.map((field) => (
              <tr key={field}>
                <th scope="row">{FIELDS[field]}</th>
                <td>{say(before, field)}</td>
                <td>{now[field] === before[field] ? "unchanged" : <b>{say(now, field)}</b>}</td>
                <td>{mine[field] === before[field] ? "unchanged" : <b>{say(mine, field)}</b>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div className="actions">
        <Button autoFocus onPress={onKeepTheirs}>
          Keep theirs
        </Button>
        {onApplyMine && (
          <Button look="primary" onPress={onApplyMine}>
            Apply mine on top
          </Button>
        )}
      </div>
    </Dialog>
  );
}

function say(inquiry: Inquiry, field: keyof typeof FIELDS): string {
  if (field === "status") return STATUS_NAMES[inquiry.status];
  return inquiry[field] ?? "none";
}
