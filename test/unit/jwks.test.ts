import { jwtVerify } from "jose";
import { describe, expect, it } from "vitest";
import { createKeyCache, createKeyResolver, KeysUnavailable } from "../../src/auth/jwks.ts";
import { anIssuer } from "../support/worker/issuer.ts";
import { watchNetwork } from "../support/worker/network.ts";

const MINUTE = 60_000;

/** A resolver on a clock of its own, in front of a provider whose answers the test decides. */
async function aSetup() {
  const issuer = await anIssuer();
  let time = 1_000_000;
  let answer = (): Response | Promise<Response> => Response.json(issuer.jwks);
  const calls = watchNetwork(() => answer());
  const cache = createKeyCache();
  return {
    issuer,
    calls,
    /** Whether the token's key is found and fits, as a new request finds out. */
    async accepts(token: string): Promise<boolean> {
      const keys = createKeyResolver({
        url: issuer.jwksUrl,
        requestId: "r-1",
        cache,
        now: () => time,
      });
      try {
        await jwtVerify(token, keys);
        return true;
      } catch (error) {
        if (error instanceof KeysUnavailable) throw error;
        return false;
      }
    },
    pass: (milliseconds: number) => {
      time += milliseconds;
    },
    /** From now on the provider answers like this. */
    answerWith: (next: typeof answer) => {
      answer = next;
    },
  };
}

const outage = () => Promise.reject(new TypeError("Network connection lost."));

describe("the provider's keys", () => {
  it("are fetched once and fresh for ten minutes, across requests", async () => {
    const { issuer, calls, accepts, pass } = await aSetup();
    const token = await issuer.token();
    expect(await accepts(token)).toBe(true);
    pass(10 * MINUTE - 1);
    expect(await accepts(token)).toBe(true);
    expect(calls.map(({ url }) => url)).toEqual([issuer.jwksUrl]);
    expect(calls[0]?.headers.get("x-request-id")).toBe("r-1");
    pass(1);
    expect(await accepts(token)).toBe(true);
    expect(calls).toHaveLength(2);
  });

  it("are forgotten when the provider withdraws one", async () => {
    const { issuer, accepts, pass, answerWith } = await aSetup();
    const token = await issuer.token();
    expect(await accepts(token)).toBe(true);
    answerWith(() => Response.json({ keys: [] }));
    pass(10 * MINUTE);
    expect(await accepts(token)).toBe(false);
  });

  it("are fetched again for a kid that nobody knows, at most once in thirty seconds", async () => {
    const { issuer, calls, accepts, pass, answerWith } = await aSetup();
    const rotated = await anIssuer();
    const token = await rotated.token();
    expect(await accepts(await issuer.token())).toBe(true);
    answerWith(() => Response.json({ keys: [...issuer.jwks.keys, ...rotated.jwks.keys] }));
    pass(29_999);
    expect(await accepts(token)).toBe(false);
    expect(calls).toHaveLength(1);
    pass(1);
    expect(await accepts(token)).toBe(true);
    expect(calls).toHaveLength(2);

    const unknown = await (await anIssuer()).token();
    for (let i = 0; i < 5; i += 1) expect(await accepts(unknown)).toBe(false);
    expect(calls).toHaveLength(2);
    pass(30_000);
    for (let i = 0; i < 5; i += 1) expect(await accepts(unknown)).toBe(false);
    expect(calls).toHaveLength(3);
  });

  it.each<[string, () => Response | Promise<Response>]>([
    ["an outage", outage],
    ["an error", () => new Response("", { status: 502 })],
    ["a page", () => new Response("<!doctype html>")],
    ["something that is no key set", () => Response.json({ keys: "none" })],
  ])("keep working through %s, which is noticed every thirty seconds", async (_what, failure) => {
    const { issuer, calls, accepts, pass, answerWith } = await aSetup();
    const token = await issuer.token();
    expect(await accepts(token)).toBe(true);
    answerWith(failure);
    pass(10 * MINUTE);
    expect(await accepts(token)).toBe(true);
    expect(calls).toHaveLength(2);
    pass(29_999);
    expect(await accepts(token)).toBe(true);
    expect(calls).toHaveLength(2);
    pass(1);
    expect(await accepts(token)).toBe(true);
    expect(calls).toHaveLength(3);
  });

  it("that never came are said to be unavailable, and asked for again", async () => {
    const { issuer, accepts, answerWith } = await aSetup();
    answerWith(outage);
    const token = await issuer.token();
    await expect(accepts(token)).rejects.toThrow(KeysUnavailable);
    answerWith(() => Response.json(issuer.jwks));
    expect(await accepts(token)).toBe(true);
  });

  it("verify nothing but what they signed", async () => {
    const { issuer, accepts } = await aSetup();
    const stranger = await anIssuer();
    expect(await accepts(await stranger.token({}, { kid: issuer.kid }))).toBe(false);
  });
});
