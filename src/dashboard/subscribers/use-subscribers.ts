import { useQuery } from "@tanstack/react-query";
import type { RoomEvent } from "../../rooms/protocol.ts";
import type { SubscriberPatch } from "../../subscribers/desk-schema.ts";
import type { Subscriber } from "../../subscribers/subscriber-schema.ts";
import { answerOf, api } from "../api/client.ts";
import { throwProblem } from "../api/problem.ts";
import { queryClient } from "../api/query-client.ts";
import { PAGE_SIZE, type RowList } from "../list/row-list.ts";
import { type Resource, useChanges } from "../list/use-changes.ts";
import { type Told, useLiveList } from "../list/use-live-list.ts";
import {
  forgetSubscriber,
  recountSubscribers,
  reloadSubscribers,
  rememberSubscriber,
  subscriberKey,
  subscriberQuery,
} from "./queries.ts";
import { matches, type SubscriberSearch, toQuery } from "./search.ts";

/**
 * The subscribers of a search, kept live.
 * @param mayInsert whether a row may appear at the top right now without moving what is being read
 */
export function useSubscribers(search: SubscriberSearch, mayInsert: () => boolean) {
  return useLiveList<Subscriber>({
    key: JSON.stringify(search),
    oldestFirst: search.order === "oldest",
    load: (cursor) =>
      answerOf(
        api.subscribers.$get({
          query: { ...toQuery(search), limit: PAGE_SIZE, ...(cursor !== undefined && { cursor }) },
        }),
      ),
    room: "subscribers",
    tell,
    matches: (subscriber) => matches(search, subscriber),
    mayInsert,
    fetchErased: async (id, isListed) => {
      forgetSubscriber(id);
      if (!isListed && !queryClient.getQueryData(subscriberKey(id))) return undefined;
      // What is shown of them goes at once, not only when the answer is here.
      await queryClient.resetQueries({ queryKey: subscriberKey(id), exact: true });
      return queryClient.fetchQuery(subscriberQuery(id, search.view === "bin"));
    },
    fetchNow: (id) =>
      queryClient.fetchQuery({ ...subscriberQuery(id, search.view === "bin"), staleTime: 0 }),
    onRow: rememberSubscriber,
    onEvents: recountSubscribers,
    onGap: reloadSubscribers,
  });
}

function tell({ type, data }: RoomEvent): Told<Subscriber> | undefined {
  if (!type.startsWith("subscriber.")) return undefined;
  if (type === "subscriber.erased") return { kind: "erased", id: (data as { id: string }).id };
  if (type === "subscriber.imported") {
    return { kind: "many", count: (data as { added: number }).added };
  }
  const row = data as Subscriber;
  const came = type !== "subscriber.subscribed" ? "no" : row.version === 1 ? "new" : "back";
  return { kind: "row", row, came };
}

/** What one can do with subscribers on the page, and what comes of it in list and detail. */
export function useSubscriberActions(options: {
  list: RowList<Subscriber>;
  search: SubscriberSearch;
  openId: string | undefined;
  open: (id: string | undefined, replace?: boolean) => Promise<void>;
}) {
  const { list, search, openId, open } = options;
  const inBin = search.view === "bin";
  const { data: opened } = useQuery({
    ...subscriberQuery(openId ?? "", inBin),
    enabled: openId !== undefined,
  });
  const resource = resourceOf(inBin);
  return {
    ...useChanges<Subscriber, SubscriberPatch>({ list, resource, opened, openId, open }),
    opened,
  };
}

export type SubscriberActions = ReturnType<typeof useSubscriberActions>;

function resourceOf(inBin: boolean): Resource<Subscriber, SubscriberPatch> {
  const one = api.subscribers[":id"];
  const match = ({ version }: Subscriber) => ({ "if-match": `"v${version}"` });
  return {
    fetchNow: (id) => queryClient.fetchQuery({ ...subscriberQuery(id, inBin), staleTime: 0 }),
    patch: (subscriber, json) =>
      answerOf(one.$patch({ param: { id: subscriber.id }, header: match(subscriber), json })),
    async remove(subscriber) {
      const answer = await one.$delete({ param: { id: subscriber.id }, header: match(subscriber) });
      if (!answer.ok) await throwProblem(answer as unknown as Response);
    },
    restore: (id) => answerOf(one.restore.$post({ param: { id }, header: {} })),
    remember: rememberSubscriber,
    recount: recountSubscribers,
  };
}
