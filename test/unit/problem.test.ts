import { expect, it } from "vitest";
import { Problem, problemResponse } from "../../src/http/problem.ts";

it.each([
  ["stale_version", "said"],
  ["database_unavailable", undefined],
  ["internal_error", undefined],
] as const)("%s tells its detail only when it is not a fault of ours", async (code, detail) => {
  const problem = new Problem(code, { detail: "said" });
  const answer = problemResponse(problem, { requestId: "1", instance: "/" });
  expect((await answer.json<{ detail?: string }>()).detail).toBe(detail);
});
