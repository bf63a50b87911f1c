import { queryOptions, useQuery } from "@tanstack/react-query";
import type { Subscriber } from "../../subscribers/subscriber-schema.ts";
import { answerOf, api } from "../api/client.ts";
import { queryClient } from "../api/query-client.ts";
import { keepNewer } from "../list/keep-newer.ts";
import { createRecount } from "../list/recount.ts";

export const subscriberKey = (id: string) => ["subscriber", id] as const;
const trailKey = (id: string) => ["subscriber-trail", id] as const;
const COUNTS_KEY = ["subscriber-counts"] as const;

export function subscriberQuery(id: string, inBin: boolean) {
  return queryOptions({
    queryKey: subscriberKey(id),
    queryFn: () =>
      answerOf(
        api.subscribers[":id"].$get({
          param: { id },
          query: { deleted: inBin ? "true" : "false" },
        }),
      ) as Promise<Subscriber>,
    structuralSharing: keepNewer,
  });
}

/** The trail, newest first. A hundred entries are more than anybody has had. */
export function useTrail(id: string, inBin: boolean) {
  return useQuery({
    queryKey: trailKey(id),
    queryFn: () =>
      answerOf(
        api.subscribers[":id"].activity.$get({
          param: { id },
          query: { limit: 100, deleted: inBin ? "true" : "false" },
        }),
      ),
  });
}

export function useSubscriberCounts(enabled = true) {
  return useQuery({
    queryKey: COUNTS_KEY,
    queryFn: () => answerOf(api.subscribers.count.$get()),
    enabled,
  });
}

export const recountSubscribers = createRecount(COUNTS_KEY);

/** Takes in a subscriber that the API or a room has sent, unless a newer one is known. */
export function rememberSubscriber(subscriber: Subscriber): void {
  // Also one that is only being asked for: the answer may have been read before.
  if (!queryClient.getQueryState(subscriberKey(subscriber.id))) return;
  queryClient.setQueryData(subscriberKey(subscriber.id), subscriber);
  void queryClient.invalidateQueries({ queryKey: trailKey(subscriber.id) });
}

/** What is known here of one who was erased is asked for again. */
export function forgetSubscriber(id: string): void {
  void queryClient.invalidateQueries({ queryKey: trailKey(id) });
}

export function reloadSubscribers(): void {
  void queryClient.invalidateQueries({ queryKey: ["subscriber"] });
  void queryClient.invalidateQueries({ queryKey: ["subscriber-trail"] });
}
