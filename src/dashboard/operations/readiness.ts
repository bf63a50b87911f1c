import { hc } from "hono/client";
import type { healthRoutes } from "../../health/routes.ts";
import { throwProblem, unreachable } from "../api/problem.ts";

const probes = hc<typeof healthRoutes>(location.origin);

/** What `/readyz` says; that something is down is an answer, not an error. */
export async function loadReadiness() {
  const response = await probes.readyz.$get().catch(() => {
    throw unreachable();
  });
  if (response.status !== 200 && response.status !== 503) return throwProblem(response);
  return response.json();
}

export type Readiness = Awaited<ReturnType<typeof loadReadiness>>;
