import type { Status } from "./search.ts";

/** What each status may become at once; the API is the judge, this is for what the page offers. */
const NEXT: Readonly<Record<Status, readonly Status[]>> = {
  NEW: ["IN_PROGRESS", "CANCELLED"],
  IN_PROGRESS: ["RESOLVED", "CANCELLED"],
  RESOLVED: ["CANCELLED"],
  CANCELLED: ["NEW"],
};

/**
 * The changes that lead from one status to another: resolving what is new takes two. Empty when it
 * is there already, undefined when no way makes sense to a person (a resolved one is not reopened
 * by way of the spam).
 */
export function stepsTo(from: Status, to: Status): readonly Status[] | undefined {
  if (from === to) return [];
  if (NEXT[from].includes(to)) return [to];
  if (from === "NEW" && to === "RESOLVED") return ["IN_PROGRESS", "RESOLVED"];
  return undefined;
}
