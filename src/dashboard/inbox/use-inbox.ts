import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from "react";
import type { Inquiry } from "../../inquiries/schema.ts";
import type { RoomEvent } from "../../rooms/protocol.ts";
import { answerOf, api } from "../api/client.ts";
import { queryClient } from "../api/query-client.ts";
import { useRoom } from "../live/use-room.ts";
import { useMay } from "../session/me.ts";
import { InquiryList, PAGE_SIZE } from "./inquiry-list.ts";
import {
  activityKey,
  inquiryKey,
  inquiryQuery,
  refreshCounts,
  rememberInquiry,
} from "./queries.ts";
import { type InboxSearch, matches, toQuery } from "./search.ts";

/** Beyond this many, the bar says "500+" and showing them loads the list anew. */
const MAX_ARRIVALS = 500;

/**
 * The list for a search, kept live.
 * @param mayInsert whether a row may appear at the top right now without moving what is being read
 */
export function useInbox(search: InboxSearch, mayInsert: () => boolean) {
  const key = JSON.stringify(search);
  const [generation, setGeneration] = useState(0);
  const [arrivals, setArrivals] = useState<readonly Inquiry[]>([]);
  const may = useMay();

  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` is the search; a new generation is a new list
  const list = useMemo(() => {
    const query = toQuery(search);
    return new InquiryList({
      oldestFirst: search.order === "oldest",
      load: (cursor) =>
        answerOf(
          api.inquiries.$get({
            query: { ...query, limit: PAGE_SIZE, ...(cursor !== undefined && { cursor }) },
          }),
        ),
    });
  }, [key, generation]);
  const state = useSyncExternalStore(list.subscribe, list.getState);

  // biome-ignore lint/correctness/useExhaustiveDependencies: arrivals belong to one list
  useEffect(() => setArrivals([]), [list]);

  function onEvents(events: readonly RoomEvent[]): void {
    const fresh: Inquiry[] = [];
    for (const event of events) {
      if (!event.type.startsWith("inquiry.")) continue;
      if (event.type === "inquiry.erased") {
        // Only its id is said, so that nothing of it is kept: ask for what remains.
        void forgetErased((event.data as { id: string }).id);
        continue;
      }
      const inquiry = event.data as Inquiry;
      rememberInquiry(inquiry);
      list.update(inquiry);
      setArrivals((held) => held.map((each) => (each.id === inquiry.id ? inquiry : each)));
      if (event.type === "inquiry.submitted" && matches(search, inquiry)) fresh.unshift(inquiry);
    }
    refreshCounts();
    receive(fresh);
  }

  async function forgetErased(id: string): Promise<void> {
    setArrivals((held) => held.filter((each) => each.id !== id));
    const known = list.find(id);
    void queryClient.invalidateQueries({ queryKey: activityKey(id) });
    if (!known && !queryClient.getQueryData(inquiryKey(id))) return;
    const query = inquiryQuery(id, search.view === "bin");
    const rest = await queryClient.fetchQuery({ ...query, staleTime: 0 }).catch(() => undefined);
    if (rest) list.update(rest);
    else list.remove(new Set([id]));
  }

  /** Shows new rows at once when that moves nothing, and holds them back otherwise. */
  function receive(rows: readonly Inquiry[]): void {
    const unknown = rows.filter(({ id }) => list.find(id) === undefined);
    if (unknown.length === 0 || search.order === "oldest") return;
    if (!list.getState().pending && mayInsert()) list.prepend(unknown);
    else setArrivals((held) => merge(unknown, held));
  }

  async function onGap(): Promise<void> {
    void queryClient.invalidateQueries({ queryKey: ["inquiry"] });
    void queryClient.invalidateQueries({ queryKey: ["activity"] });
    receive(await list.refresh());
  }
  useRoom("inquiries", may("room", "inquiries"), { onEvents, onGap });

  const reload = useCallback(() => setGeneration((value) => value + 1), []);
  const showArrivals = useCallback(() => {
    if (arrivals.length >= MAX_ARRIVALS) reload();
    else list.prepend(arrivals.filter((inquiry) => matches(search, inquiry)));
    setArrivals([]);
  }, [arrivals, list, reload, search]);

  // What was announced while the list was being loaded may be in it.
  const waiting = arrivals.filter(({ id }) => list.find(id) === undefined).length;
  return { list, state, arrivals: waiting, showArrivals };
}

function merge(fresh: readonly Inquiry[], held: readonly Inquiry[]): readonly Inquiry[] {
  const known = new Set(held.map(({ id }) => id));
  return [...fresh.filter(({ id }) => !known.has(id)), ...held].slice(0, MAX_ARRIVALS);
}
