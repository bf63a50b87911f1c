import { isOutage } from "./errors.ts";

/**
 * Lets an answer of the database through, and tells `failed` when there was none or when it is an
 * outage, for the counter of dependency errors. An error of the statement itself is none.
 */
export async function watchAnswer(
  answer: Promise<Response>,
  failed: () => void,
): Promise<Response> {
  const response = await answer.catch((error: unknown) => {
    failed();
    throw error;
  });
  if (response.status >= 500) failed();
  // 400 is how the database's own errors arrive; only those are read twice.
  else if (response.status === 400) {
    const answer: unknown = await response
      .clone()
      .json()
      .catch(() => undefined);
    const { code } = Object(answer) as { code?: unknown };
    if (typeof code !== "string" || isOutage(code)) failed();
  }
  return response;
}
