import { QueryClient } from "@tanstack/react-query";
import { ApiProblem } from "./problem.ts";

const RETRIES = 2;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // Rooms say what changed; asking again at every glance would move what is being read.
      staleTime: 60_000,
      refetchOnWindowFocus: false,
      retry: (count, error) =>
        count < RETRIES && (!(error instanceof ApiProblem) || error.status >= 500 || !error.status),
    },
    // A write that waits unseen for the connection is a surprise later: fail now, and say so.
    mutations: { networkMode: "always" },
  },
});
