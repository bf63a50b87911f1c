import type { Subscriber } from "../../subscribers/subscriber-schema.ts";
import { type Conflict, ConflictDialog } from "../list/conflict-dialog.tsx";
import { STATUS_NAMES } from "./status.tsx";

const FIELDS = {
  status: "Status",
  email: "E-mail",
  name: "Name",
  source: "Came from",
  locale: "Language",
} as const satisfies Partial<Record<keyof Subscriber, string>>;

export function SubscriberConflict(props: {
  conflict: Conflict<Subscriber>;
  onKeepTheirs: () => void;
  onApplyMine: () => void;
}) {
  return (
    <ConflictDialog
      {...props}
      fields={FIELDS}
      say={(subscriber, field) =>
        field === "status" ? STATUS_NAMES[subscriber.status] : (subscriber[field] ?? "none")
      }
    >
      the subscription of <strong>{props.conflict.now.email}</strong>
    </ConflictDialog>
  );
}
