import { useCallback, useEffect, useState } from "react";
import type { Inquiry } from "../../inquiries/schema.ts";
import type { RowList } from "../list/row-list.ts";
import { toast } from "../ui/toasts.tsx";

/** What one request of bulk triage takes. */
const MAX_SELECTED = 200;

/** Which rows are ticked; another list begins with none. */
export function useSelection(list: RowList<Inquiry>) {
  const [selection, setSelection] = useState<ReadonlySet<string>>(new Set());
  const clear = useCallback(() => setSelection(new Set()), []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another list is what it is about
  useEffect(clear, [list]);

  const select = useCallback((id: string, selected: boolean) => {
    setSelection((old) => {
      if (selected && old.size >= MAX_SELECTED) {
        toast({ text: `At most ${MAX_SELECTED} at once` });
        return old;
      }
      const next = new Set(old);
      if (selected) next.add(id);
      else next.delete(id);
      return next;
    });
  }, []);
  return { selection, select, clear };
}
