import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { anIssuer } from "../support/worker/issuer.ts";
import { watchNetwork } from "../support/worker/network.ts";
import { appWith } from "../support/worker/own-app.ts";
import { expectProblem } from "../support/worker/problems.ts";

let world: Awaited<ReturnType<typeof aWorld>>;
beforeEach(async () => {
  world = await aWorld();
});

/** The whole Worker and a provider that can be stopped, on a clock that can be put forward. */
async function aWorld() {
  const identity = await anIssuer();
  const provider = { away: false, keys: [identity.publicJwk], requests: 0 };
  watchNetwork((request) => {
    if (request.url !== identity.jwksUrl) return undefined;
    provider.requests += 1;
    if (provider.away) throw new TypeError("connection refused");
    return Response.json({ keys: provider.keys });
  });
  const real = Date.now;
  let ahead = 0;
  const spy = vi.spyOn(Date, "now").mockImplementation(() => real() + ahead);
  onTestFinished(() => spy.mockRestore());
  return {
    identity,
    provider,
    later: (ms: number) => {
      ahead += ms;
    },
    /** A request to an isolate, with everything it does behind the answer. */
    async ask(isolate: ReturnType<typeof appWith>, token: string) {
      const answer = await isolate.call("/me", { headers: { authorization: `Bearer ${token}` } });
      await isolate.settled();
      return answer;
    },
    anIsolate: () => appWith(identity.variables),
    token: (key?: Parameters<typeof identity.token>[2], kid = identity.kid) =>
      identity.token({ exp: Math.floor(real() / 1000) + 2 * 86_400 }, { kid }, key),
  };
}

describe("while the identity provider is away", () => {
  it("a token whose key was seen works, also in an isolate that has just begun", async () => {
    const { ask, anIsolate, provider, later } = world;
    const token = await world.token();
    const isolate = anIsolate();
    expect((await ask(isolate, token)).status).toBe(200);
    provider.away = true;
    later(23 * 3_600_000);
    expect((await ask(isolate, token)).status).toBe(200);
    expect((await ask(anIsolate(), token)).status).toBe(200);
  });

  it("a token whose key nobody has seen is asked to come again, not refused", async () => {
    const { ask, anIsolate, provider } = world;
    provider.away = true;
    const answer = await ask(anIsolate(), await world.token());
    expect(answer.headers.get("retry-after")).toMatch(/^\d+$/);
    await expectProblem(answer, 503, "identity_unavailable");
  });
});

describe("when the provider is back with another key", () => {
  it("new tokens work within 30 s, after one fetch, and old ones end", async () => {
    const { ask, anIsolate, provider, later } = world;
    const isolate = anIsolate();
    const old = await world.token();
    await ask(isolate, old);
    provider.away = true;
    later(3_600_000);
    await ask(isolate, old);
    expect(provider.requests).toBe(2);

    const rotated = await anIssuer();
    provider.away = false;
    provider.keys = [rotated.publicJwk];
    later(30_000);
    const fresh = await world.token(rotated.privateKey, rotated.kid);
    const answers = await Promise.all(Array.from({ length: 5 }, () => ask(isolate, fresh)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(provider.requests).toBe(3);
    await expectProblem(await ask(isolate, old), 401, "unauthenticated");
    expect(provider.requests).toBe(3);
  });
});
