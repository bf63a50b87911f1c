import { useQuery } from "@tanstack/react-query";
import { answerOf, api } from "../api/client.ts";

/** What the signed-in person may do. The API decides; the page only does not offer the rest. */
export function useMe() {
  return useQuery({
    queryKey: ["me"],
    queryFn: () => answerOf(api.me.$get()),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** `may("inquiry", "export")`. Nothing is allowed before the answer is here. */
export function useMay(): (object: string, action: string) => boolean {
  const { data } = useMe();
  return (object, action) =>
    data?.permissions.some((grant) => grant.object === object && grant.action === action) ?? false;
}
