import type { Part } from "../part.ts";
import { PART_TIMEOUT_MS } from "../part.ts";

/**
 * The identity provider's key set.
 * @param options.hasKeys whether tokens can be verified without it, by keys seen before
 */
export function jwksPart(options: {
  url: string;
  requestId: string;
  hasKeys: () => boolean;
}): Part {
  const { url, requestId, hasKeys } = options;

  async function complaint(): Promise<string | undefined> {
    try {
      const answer = await fetch(url, {
        headers: { accept: "application/json", "x-request-id": requestId },
        signal: AbortSignal.timeout(PART_TIMEOUT_MS),
      });
      if (!answer.ok) return `answers ${answer.status}`;
      const { keys } = await answer.json<{ keys?: unknown }>();
      return Array.isArray(keys) && keys.length > 0 ? undefined : "answers without keys";
    } catch {
      return "unreachable";
    }
  }

  return {
    name: "jwks",
    async probe() {
      const detail = await complaint();
      if (detail === undefined) return { state: "up" };
      return hasKeys()
        ? { state: "degraded", detail: `${detail}; keys seen before are used` }
        : { state: "down", detail };
    },
  };
}
