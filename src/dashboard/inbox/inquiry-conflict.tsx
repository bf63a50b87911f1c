import type { Inquiry } from "../../inquiries/schema.ts";
import { type Conflict, ConflictDialog } from "../list/conflict-dialog.tsx";
import { STATUS_NAMES } from "./status.tsx";

const FIELDS = {
  status: "Status",
  assignee: "Assigned to",
  subject: "Subject",
  name: "Name",
  email: "E-mail",
  phone: "Phone",
} as const satisfies Partial<Record<keyof Inquiry, string>>;

export function InquiryConflict(props: {
  conflict: Conflict<Inquiry>;
  onKeepTheirs: () => void;
  onApplyMine: (() => void) | undefined;
}) {
  return (
    <ConflictDialog
      {...props}
      fields={FIELDS}
      say={(inquiry, field) =>
        field === "status" ? STATUS_NAMES[inquiry.status] : (inquiry[field] ?? "none")
      }
    >
      the inquiry of <strong>{props.conflict.now.name}</strong>
    </ConflictDialog>
  );
}
