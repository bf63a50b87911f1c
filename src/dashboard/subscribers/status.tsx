import { Circle, CircleSlash2, type LucideIcon } from "lucide-react";
import type { Status } from "./search.ts";

export const STATUS_NAMES: Readonly<Record<Status, string>> = {
  ACTIVE: "On the list",
  UNSUBSCRIBED: "Has left",
};

const ICONS: Readonly<Record<Status, LucideIcon>> = { ACTIVE: Circle, UNSUBSCRIBED: CircleSlash2 };

export function StatusIcon({ status, size }: { status: Status; size: number }) {
  const Icon = ICONS[status];
  return (
    <Icon
      size={size}
      strokeWidth={2.5}
      fill={status === "ACTIVE" ? "currentColor" : "none"}
      aria-hidden="true"
    />
  );
}

/** Told by word and shape, not by colour alone. */
export function StatusBadge({ status }: { status: Status }) {
  return (
    <span className={`status ${status}`}>
      <StatusIcon status={status} size={11} />
      {STATUS_NAMES[status]}
    </span>
  );
}
