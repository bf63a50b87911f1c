import { useRouterState } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowUp, Inbox, SearchX } from "lucide-react";
import { type RefObject, useEffect } from "react";
import { Button } from "../ui/button.tsx";
import { Blank, Failure } from "../ui/states.tsx";
import type { InquiryList, ListState } from "./inquiry-list.ts";
import { ROW_HEIGHT, Row } from "./row.tsx";
import type { InboxSearch } from "./search.ts";

export interface ListPaneProps {
  list: InquiryList;
  state: ListState;
  search: InboxSearch;
  openId: string | undefined;
  selection: ReadonlySet<string>;
  onSelect: (id: string, selected: boolean) => void;
  onOpen: (id: string) => void;
  arrivals: number;
  onShowArrivals: () => void;
  scroller: RefObject<HTMLDivElement | null>;
}

export function ListPane(props: ListPaneProps) {
  const { list, state, search, arrivals, onShowArrivals, scroller } = props;
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
            <ArrowUp size={15} aria-hidden="true" /> {arrivals >= 500 ? "500+" : arrivals} new
          </Button>
        )}
      </div>
      {state.error !== undefined && state.count === 0 ? (
        <Failure error={state.error} onRetry={() => list.retry()} />
      ) : state.complete && state.count === 0 ? (
        <NothingHere search={search} />
      ) : (
        <Rows {...props} />
      )}
    </div>
  );
}

function Rows(props: ListPaneProps) {
  const { list, state, openId, selection, onSelect, onOpen, scroller } = props;
  const query = useRouterState({ select: ({ location }) => location.searchStr });
  const placeholders = state.pending ? 8 : state.complete ? 0 : 1;
  const virtualizer = useVirtualizer({
    count: state.count + placeholders,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 8,
    // A row keeps its element when others come in front of it.
    getItemKey: (index) => list.row(index)?.id ?? `place-${index}`,
  });
  const items = virtualizer.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => list.look(first, last), [list, first, last]);

  return (
    <div className="scroller" ref={scroller} tabIndex={-1}>
      <ul
        aria-label="Inquiries"
        aria-busy={state.pending}
        style={{ height: virtualizer.getTotalSize() }}
      >
        {items.map(({ index, start, key }) => {
          const inquiry = list.row(index);
          return (
            <li
              key={key}
              aria-setsize={state.complete ? state.count : -1}
              aria-posinset={index + 1}
              style={{ transform: `translateY(${start}px)`, height: ROW_HEIGHT }}
            >
              {inquiry ? (
                <Row
                  inquiry={inquiry}
                  open={inquiry.id === openId}
                  selected={selection.has(inquiry.id)}
                  onSelect={onSelect}
                  onOpen={onOpen}
                  query={query}
                />
              ) : (
                <RowBones />
              )}
            </li>
          );
        })}
      </ul>
      {state.error !== undefined && <Failure error={state.error} onRetry={() => list.retry()} />}
    </div>
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

function NothingHere({ search }: { search: InboxSearch }) {
  const { view = "open", q, source, assignee, from, to } = search;
  if (q ?? source ?? assignee ?? from ?? to) {
    return (
      <Blank icon={SearchX} title="Nothing matches">
        Try fewer words, or take a filter away.
      </Blank>
    );
  }
  const texts = {
    open: ["Nothing is waiting", "New inquiries appear here the moment they arrive."],
    new: ["Nothing new", "New inquiries appear here the moment they arrive."],
    progress: ["Nobody is working on anything", "What someone starts is listed here."],
    resolved: ["Nothing has been resolved yet", "What you resolve is kept here."],
    cancelled: ["No spam", "What is recognised as spam lands here, with the reason."],
    all: ["No inquiries yet", "Put the contact form on your site: see Forms."],
    bin: ["The bin is empty", "What is deleted can be restored from here."],
  } as const;
  const [title, text] = texts[view];
  return (
    <Blank icon={Inbox} title={title}>
      {text}
    </Blank>
  );
}
