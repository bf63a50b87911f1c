import type { InquiryStatus } from "../db/schema.ts";

/** What each status may become. CANCELLED is where spam goes, and NEW undoes a mistake. */
const NEXT: Readonly<Record<InquiryStatus, readonly InquiryStatus[]>> = {
  NEW: ["IN_PROGRESS", "CANCELLED"],
  IN_PROGRESS: ["RESOLVED", "CANCELLED"],
  RESOLVED: ["CANCELLED"],
  CANCELLED: ["NEW"],
};

export function statusesAfter(status: InquiryStatus): readonly InquiryStatus[] {
  return NEXT[status];
}

/** Where a change to `status` may begin; itself included, because that changes nothing. */
export function statusesBefore(status: InquiryStatus): InquiryStatus[] {
  const all = Object.keys(NEXT) as InquiryStatus[];
  return all.filter((from) => from === status || NEXT[from].includes(status));
}
