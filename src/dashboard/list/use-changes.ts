import { useState } from "react";
import { ApiProblem } from "../api/problem.ts";
import { toast, toastProblem } from "../ui/toasts.tsx";
import type { Conflict } from "./conflict-dialog.tsx";
import type { Listed, RowList } from "./row-list.ts";

/** What the API does with one of a list's rows. All throw `ApiProblem`. */
export interface Resource<T extends Listed, P> {
  /** As it is now, not as it was last heard of. */
  readonly fetchNow: (id: string) => Promise<T>;
  readonly patch: (row: T, patch: P) => Promise<T>;
  readonly remove: (row: T) => Promise<void>;
  readonly restore: (id: string) => Promise<T>;
  /** Tells whatever else shows it. */
  readonly remember: (row: T) => void;
  readonly recount: () => void;
}

/** Changes to single rows, and what comes of them in list and detail. */
export function useChanges<T extends Listed, P extends object>(options: {
  list: RowList<T>;
  resource: Resource<T, P>;
  opened: T | undefined;
  openId: string | undefined;
  open: (id: string | undefined, replace?: boolean) => Promise<void>;
}) {
  const { list, resource, opened, openId, open } = options;
  const [conflict, setConflict] = useState<Conflict<T>>();

  function learn(row: T): void {
    list.update(row);
    resource.remember(row);
    resource.recount();
  }

  /** The reader's own action takes rows away; the one after them opens. */
  function takeAway(ids: ReadonlySet<string>): () => void {
    if (openId !== undefined && ids.has(openId)) {
      const at = list.indexOf(openId);
      const rows = Array.from({ length: ids.size + 1 }, (_, n) => list.row(at + n));
      const next = rows.find((row) => row && !ids.has(row.id)) ?? list.row(at - 1);
      void open(at < 0 || next === undefined || ids.has(next.id) ? undefined : next.id, true);
    }
    return list.remove(ids);
  }

  /** Shows what one wanted beside what it has become. */
  async function meet(before: T, wanted: Partial<T>): Promise<void> {
    const now = await resource.fetchNow(before.id);
    list.update(now);
    setConflict({ before, wanted, now });
  }

  /** @returns undefined when somebody else was faster: then the dialogue has opened */
  async function edit(row: T, patch: P): Promise<T | undefined> {
    try {
      const saved = await resource.patch(row, patch);
      learn(saved);
      return saved;
    } catch (error) {
      if (!isStale(error)) throw error;
      await meet(row, patch as Partial<T>);
      return undefined;
    }
  }

  async function restore(id: string): Promise<void> {
    learn(await resource.restore(id));
  }

  async function remove(id: string): Promise<void> {
    const known = list.find(id) ?? opened;
    if (!known) return;
    try {
      await resource.remove(known);
      const putBack = takeAway(new Set([id]));
      resource.recount();
      toast({
        text: "Moved to the bin",
        action: {
          label: "Undo",
          run: () => {
            resource.restore(id).then(
              (row) => {
                putBack();
                learn(row);
              },
              (error) => toastProblem("It was not restored", error),
            );
          },
        },
      });
    } catch (error) {
      if (isStale(error)) await meet(known, {});
      else toastProblem("It was not deleted", error);
    }
  }

  async function bringBack(id: string): Promise<void> {
    try {
      await restore(id);
      takeAway(new Set([id]));
      toast({ text: "Restored" });
    } catch (error) {
      toastProblem("It was not restored", error);
    }
  }

  return {
    conflict,
    /** Leaves it as the other has made it. */
    keepTheirs: () => setConflict(undefined),
    learn,
    takeAway,
    meet,
    edit,
    remove,
    bringBack,
  };
}

function isStale(error: unknown): boolean {
  return error instanceof ApiProblem && error.status === 412;
}
