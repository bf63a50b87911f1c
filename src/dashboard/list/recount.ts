import { queryClient } from "../api/query-client.ts";

const EVERY_MS = 1_000;

/** @returns asks for counts again, at most once a second however much happens */
export function createRecount(queryKey: readonly string[]): () => void {
  let due = false;
  return () => {
    if (due) return;
    due = true;
    setTimeout(() => {
      due = false;
      void queryClient.invalidateQueries({ queryKey });
    }, EVERY_MS);
  };
}
