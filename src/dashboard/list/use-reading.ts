import { useCallback, useRef } from "react";
import type { Listed, RowList } from "./row-list.ts";

type Open = (id: string | undefined, replace?: boolean) => Promise<void>;

/** Who reads, points at or stands in a list, and moving about in it. */
export function useReading(openId: string | undefined) {
  const scroller = useRef<HTMLDivElement>(null);
  const pointed = useRef(false);

  // A row may appear by itself only while nobody reads, points at or stands on one.
  const mayInsert = useCallback(() => {
    const list = scroller.current;
    // A finger does not say beforehand where it is going to tap.
    if (list && matchMedia("(hover: none)").matches) return false;
    const focused = list?.contains(document.activeElement) ?? false;
    return !openId && !pointed.current && !focused && (list?.scrollTop ?? 0) === 0;
  }, [openId]);

  return {
    scroller,
    mayInsert,
    pointing: {
      onPointerEnter: () => {
        pointed.current = true;
      },
      onPointerLeave: () => {
        pointed.current = false;
      },
    },
    toTop: () => scroller.current?.scrollTo({ top: 0 }),
    /** Opens the next row, or the one before. */
    move<T extends Listed>(list: RowList<T>, open: Open, by: 1 | -1): void {
      const at = Math.max(0, (openId === undefined ? -1 : list.indexOf(openId)) + by);
      const next = list.row(at);
      if (!next || next.id === openId) return;
      void open(next.id, openId !== undefined);
      focusRow(scroller.current, at, next.id);
    },
    /** Closes what is open, and stands on its row. */
    close<T extends Listed>(list: RowList<T>, open: Open): void {
      const id = openId;
      if (id === undefined) return;
      void open(undefined).then(() => focusRow(scroller.current, list.indexOf(id), id));
    },
  };
}

/** Brings a row into sight and puts the focus on it, once it has been drawn. */
function focusRow(scroller: HTMLDivElement | null, index: number, id: string): void {
  if (!scroller || index < 0) return;
  requestAnimationFrame(() => {
    const link = scroller.querySelector<HTMLElement>(`[data-row="${id}"]`);
    link?.focus({ preventScroll: true });
    link?.closest("li")?.scrollIntoView({ block: "nearest" });
  });
}
