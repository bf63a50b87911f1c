import type { ReactNode } from "react";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Time } from "../ui/time.tsx";

/** What one wanted, against what another has made of it meanwhile. */
export interface Conflict<T> {
  /** As it was when the change was begun. */
  readonly before: T;
  readonly wanted: Readonly<Partial<T>>;
  /** As it is now. */
  readonly now: T;
}

interface Changed {
  readonly modifiedAt: string;
  readonly modifiedBy: string | null;
}

export function ConflictDialog<T extends Changed, F extends keyof T & string>(props: {
  conflict: Conflict<T>;
  /** What it is: "the inquiry of Ada". */
  children: ReactNode;
  /** Those that can be changed, by what people call them. */
  fields: Readonly<Record<F, string>>;
  say: (row: T, field: F) => string;
  onKeepTheirs: () => void;
  /** Absent when what it is now does not allow it. */
  onApplyMine: (() => void) | undefined;
}) {
  const { conflict, children, fields, say, onKeepTheirs, onApplyMine } = props;
  const { before, wanted, now } = conflict;
  const mine = { ...before, ...wanted };
  const differing = (Object.keys(fields) as F[]).filter(
    (field) => now[field] !== before[field] || mine[field] !== before[field],
  );
  const versions = [
    ["You saw", before],
    ["Theirs, saved", now],
    ["Yours, not saved", mine],
  ] as const;
  const told = (row: T, field: F) =>
    row[field] === before[field] ? "unchanged" : <b>{say(row, field)}</b>;
  return (
    <Dialog
      title="Somebody else changed this"
      role="alertdialog"
      isOpen
      wide
      onClose={onKeepTheirs}
    >
      <p>
        {now.modifiedBy ?? "Somebody"} changed {children} (<Time at={now.modifiedAt} />) while you
        had an older version before you. Nothing of yours has been saved.
      </p>
      <table className="table versions">
        <thead>
          <tr>
            <th scope="col">Field</th>
            {versions.map(([label]) => (
              <th key={label} scope="col">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {differing.map((field) => (
            <tr key={field}>
              <th scope="row">{fields[field]}</th>
              {versions.map(([label, row]) => (
                <td key={label} data-label={label}>
                  {row === before ? say(row, field) : told(row, field)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
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
