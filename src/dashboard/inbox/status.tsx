import { Ban, Circle, CircleCheck, CircleDotDashed, type LucideIcon } from "lucide-react";
import type { Status } from "./search.ts";

export const STATUS_NAMES: Readonly<Record<Status, string>> = {
  NEW: "New",
  IN_PROGRESS: "In progress",
  RESOLVED: "Resolved",
  CANCELLED: "Cancelled",
};

const ICONS: Readonly<Record<Status, LucideIcon>> = {
  NEW: Circle,
  IN_PROGRESS: CircleDotDashed,
  RESOLVED: CircleCheck,
  CANCELLED: Ban,
};

export function StatusIcon({ status, size = 14 }: { status: Status; size?: number }) {
  const Icon = ICONS[status];
  return (
    <Icon
      size={size}
      strokeWidth={2.5}
      fill={status === "NEW" ? "currentColor" : "none"}
      aria-hidden="true"
    />
  );
}

/** Told by word and shape, not by colour alone. */
export function StatusBadge({ status }: { status: Status }) {
  return (
    <span className={`status ${status}`}>
      <StatusIcon status={status} size={12} />
      {STATUS_NAMES[status]}
    </span>
  );
}
