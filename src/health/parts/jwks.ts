import type { Part } from "../part.ts";

/**
 * The identity provider's key set.
 * @param options.ask answers well before the part's time is up; a text says why there are no keys
 * @param options.hasKeys whether tokens can be verified without it, by keys seen before
 */
export function jwksPart(options: {
  ask: () => Promise<object | string>;
  hasKeys: () => boolean;
}): Part {
  const { ask, hasKeys } = options;
  return {
    name: "jwks",
    async probe() {
      const answer = await ask();
      if (typeof answer !== "string") return { state: "up" };
      return hasKeys()
        ? { state: "degraded", detail: `${answer}; keys seen before are used` }
        : { state: "down", detail: answer };
    },
  };
}
