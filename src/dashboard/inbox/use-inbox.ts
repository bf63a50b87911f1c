import type { Inquiry } from "../../inquiries/schema.ts";
import type { RoomEvent } from "../../rooms/protocol.ts";
import { answerOf, api } from "../api/client.ts";
import { queryClient } from "../api/query-client.ts";
import { PAGE_SIZE } from "../list/row-list.ts";
import { type Told, useLiveList } from "../list/use-live-list.ts";
import {
  activityKey,
  inquiryKey,
  inquiryQuery,
  refreshCounts,
  rememberInquiry,
} from "./queries.ts";
import { type InboxSearch, matches, toQuery } from "./search.ts";
import { flushTriage } from "./triage.ts";

/**
 * The inquiries of a search, kept live.
 * @param mayInsert whether a row may appear at the top right now without moving what is being read
 */
export function useInbox(search: InboxSearch, mayInsert: () => boolean) {
  return useLiveList<Inquiry>({
    key: JSON.stringify(search),
    oldestFirst: search.order === "oldest",
    async load(cursor) {
      // Another list shows what is stored: what waits for its undo would be back where it was.
      if (cursor === undefined) await flushTriage();
      return answerOf(
        api.inquiries.$get({
          query: { ...toQuery(search), limit: PAGE_SIZE, ...(cursor !== undefined && { cursor }) },
        }),
      );
    },
    room: "inquiries",
    tell,
    matches: (inquiry) => matches(search, inquiry),
    mayInsert,
    fetchErased: async (id, isListed) => {
      void queryClient.invalidateQueries({ queryKey: activityKey(id) });
      if (!isListed && !queryClient.getQueryData(inquiryKey(id))) return undefined;
      // What is shown of it goes at once, not only when the answer is here.
      await queryClient.resetQueries({ queryKey: inquiryKey(id), exact: true });
      return queryClient.fetchQuery(inquiryQuery(id, search.view === "bin"));
    },
    fetchNow: (id) =>
      queryClient.fetchQuery({ ...inquiryQuery(id, search.view === "bin"), staleTime: 0 }),
    onRow: rememberInquiry,
    onEvents: refreshCounts,
    onGap: () => {
      void queryClient.invalidateQueries({ queryKey: ["inquiry"] });
      void queryClient.invalidateQueries({ queryKey: ["activity"] });
    },
  });
}

function tell({ type, data }: RoomEvent): Told<Inquiry> | undefined {
  if (type === "inquiry.erased") return { kind: "erased", id: (data as { id: string }).id };
  if (!type.startsWith("inquiry.")) return undefined;
  const row = data as Inquiry;
  // What was taken for spam is announced when somebody brings it back.
  const came = type !== "inquiry.submitted" ? "no" : row.version === 1 ? "new" : "back";
  return { kind: "row", row, came };
}
