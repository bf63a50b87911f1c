import { queryOptions, useQuery } from "@tanstack/react-query";
import type { Inquiry } from "../../inquiries/schema.ts";
import { answerOf, api } from "../api/client.ts";
import { queryClient } from "../api/query-client.ts";
import { keepNewer } from "../list/keep-newer.ts";
import { createRecount } from "../list/recount.ts";

export const inquiryKey = (id: string) => ["inquiry", id] as const;
export const activityKey = (id: string) => ["activity", id] as const;
const COUNTS_KEY = ["inquiry-counts"] as const;

export function inquiryQuery(id: string, deleted: boolean) {
  return queryOptions({
    queryKey: inquiryKey(id),
    queryFn: () =>
      answerOf(
        api.inquiries[":id"].$get({
          param: { id },
          query: { deleted: deleted ? "true" : "false" },
        }),
      ) as Promise<Inquiry>,
    structuralSharing: keepNewer,
  });
}

/** The trail, newest first. A hundred entries are more than any inquiry has had. */
export function useActivity(id: string, deleted: boolean) {
  return useQuery({
    queryKey: activityKey(id),
    queryFn: () =>
      answerOf(
        api.inquiries[":id"].activity.$get({
          param: { id },
          query: { limit: 100, deleted: deleted ? "true" : "false" },
        }),
      ),
  });
}

export function useCounts() {
  return useQuery({ queryKey: COUNTS_KEY, queryFn: () => answerOf(api.inquiries.count.$get()) });
}

export const refreshCounts = createRecount(COUNTS_KEY);

/** Takes in an inquiry that the API or a room has sent, unless a newer one is known. */
export function rememberInquiry(inquiry: Inquiry): void {
  // Also one that is only being asked for: the answer may have been read before.
  if (!queryClient.getQueryState(inquiryKey(inquiry.id))) return;
  queryClient.setQueryData(inquiryKey(inquiry.id), inquiry);
  void queryClient.invalidateQueries({ queryKey: activityKey(inquiry.id) });
}
