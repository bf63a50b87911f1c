import type { Part } from "../part.ts";
import { PART_TIMEOUT_MS } from "../part.ts";

/** Redis over Upstash's REST protocol. Without it the other gates still limit, so it only degrades. */
export function redisPart(options: { url: string; token: string; requestId: string }): Part {
  const { url, token, requestId } = options;

  async function complaint(): Promise<string | undefined> {
    try {
      const answer = await fetch(url, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "x-request-id": requestId },
        body: JSON.stringify(["PING"]),
        signal: AbortSignal.timeout(PART_TIMEOUT_MS),
      });
      if (!answer.ok) return `answers ${answer.status}`;
      const { result } = await answer.json<{ result?: unknown }>();
      return result === "PONG" ? undefined : "answers, but not PONG";
    } catch {
      return "unreachable";
    }
  }

  return {
    name: "redis",
    async probe() {
      const detail = await complaint();
      return detail === undefined
        ? { state: "up" }
        : { state: "degraded", detail: `${detail}; limits are kept in each isolate` };
    },
  };
}
