import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowUp } from "lucide-react";
import { type ReactNode, type RefObject, useEffect, useSyncExternalStore } from "react";
import { Button } from "../ui/button.tsx";
import { Failure } from "../ui/states.tsx";
import type { Listed, ListState, RowList } from "./row-list.ts";
import { MAX_ARRIVALS } from "./use-live-list.ts";

/** Every row is as high as every other, so that a list of any length knows where it is. In rem. */
const ROW_REM = 4.75;

export interface ListPaneProps<T extends Listed> {
  label: string;
  list: RowList<T>;
  state: ListState;
  renderRow: (row: T) => ReactNode;
  /** What is said when there is nothing. */
  nothing: ReactNode;
  arrivals: number;
  onShowArrivals: () => void;
  scroller: RefObject<HTMLDivElement | null>;
}

/** A list of any length, of which only what is in sight is drawn. */
export function ListPane<T extends Listed>(props: ListPaneProps<T>) {
  const { list, state, nothing, arrivals, onShowArrivals, scroller } = props;
  return (
    <div className="list">
      <div className="arrivals" role="status" aria-live="polite">
        {arrivals > 0 && (
          <Button
            look="primary"
            onPress={() => {
              onShowArrivals();
              scroller.current?.scrollTo({ top: 0 });
            }}
          >
            <ArrowUp size={15} aria-hidden="true" />{" "}
            {arrivals >= MAX_ARRIVALS ? `${MAX_ARRIVALS}+` : arrivals} new
          </Button>
        )}
      </div>
      {state.error !== undefined && state.count === 0 ? (
        <Failure error={state.error} onRetry={() => list.retry()} />
      ) : state.complete && state.count === 0 ? (
        nothing
      ) : (
        <Rows {...props} />
      )}
    </div>
  );
}

function Rows<T extends Listed>(props: ListPaneProps<T>) {
  const { label, list, state, renderRow, scroller } = props;
  const rowHeight = useRowHeight();
  const placeholders = state.pending ? 8 : state.complete ? 0 : 1;
  const virtualizer = useVirtualizer({
    count: state.count + placeholders,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 8,
    // A row keeps its element when others come in front of it.
    getItemKey: (index) => list.row(index)?.id ?? `place-${index}`,
  });
  const items = virtualizer.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => list.look(first, last), [list, first, last]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: every row has another height now
  useEffect(() => virtualizer.measure(), [rowHeight]);

  return (
    <div className="scroller" ref={scroller} tabIndex={-1}>
      <ul
        aria-label={label}
        aria-busy={state.pending}
        style={{ height: virtualizer.getTotalSize() }}
      >
        {items.map(({ index, start, key }) => {
          const row = list.row(index);
          return (
            <li
              key={key}
              aria-setsize={state.complete ? state.count : -1}
              aria-posinset={index + 1}
              style={{ transform: `translateY(${start}px)`, height: rowHeight }}
            >
              {row ? renderRow(row) : <RowBones />}
            </li>
          );
        })}
      </ul>
      {state.error !== undefined && <Failure error={state.error} onRetry={() => list.retry()} />}
    </div>
  );
}

/** In pixels: text that the reader has made larger needs more of them. */
function useRowHeight(): number {
  return useSyncExternalStore(
    (listener) => {
      addEventListener("resize", listener);
      return () => removeEventListener("resize", listener);
    },
    () => ROW_REM * Number.parseFloat(getComputedStyle(document.documentElement).fontSize),
  );
}

function RowBones() {
  return (
    <div className="row bones" aria-hidden="true">
      <div className="bone" style={{ width: "40%", height: "0.8rem" }} />
      <div className="bone" style={{ width: "85%", height: "0.7rem" }} />
    </div>
  );
}
