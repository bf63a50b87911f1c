import { decodeProtectedHeader } from "jose";
import { beforeEach, describe, expect, it } from "vitest";
import {
  COLD_COOLDOWN_MS,
  COOLDOWN_MS,
  createKeyCache,
  createKeyResolver,
  FRESH_MS,
  KEEP_MS,
  KeysUnavailable,
  REVALIDATE_MS,
} from "../../src/auth/jwks.ts";
import { anIssuer } from "../support/worker/issuer.ts";
import { aProvider } from "../support/worker/provider.ts";

const UNKNOWN = expect.objectContaining({ code: "ERR_JWKS_NO_MATCHING_KEY" });

let key: Awaited<ReturnType<typeof anIssuer>>;
let provider: ReturnType<typeof aProvider>;
let isolate: ReturnType<typeof anIsolate>;

beforeEach(async () => {
  key = await anIssuer();
  provider = aProvider(key);
  isolate = anIsolate();
});

/** What one isolate does with tokens, on a clock that moves when told. */
function anIsolate() {
  const cache = createKeyCache();
  const behind: Promise<unknown>[] = [];
  const logged: unknown[] = [];
  const clock = { now: 1_800_000_000_000 };
  const resolve = createKeyResolver({
    url: "https://identity.test/jwks",
    requestId: "test",
    cache,
    log: { warn: (_message, fields) => void logged.push(fields?.["reason"]) },
    background: (work) => void behind.push(work),
    fetch: () => provider.fetch(),
    now: () => clock.now,
    // Lets whoever is fetching go on; no time passes.
    wait: () => new Promise((done) => void setTimeout(done)),
  });
  return {
    clock,
    logged,
    /** Resolves the key of a token with this key's `kid`. */
    use: (by: { kid: string }) =>
      resolve({ alg: "ES256", kid: by.kid }, { payload: "", signature: "" }),
    settle: () => Promise.all(behind.splice(0)),
  };
}

describe("fresh keys", () => {
  it("are fetched once for ten minutes", async () => {
    await isolate.use(key);
    isolate.clock.now += FRESH_MS - 1;
    await isolate.use(key);
    expect(provider.requests).toBe(1);
  });

  it("are fetched once for the requests that wait for them together", async () => {
    await Promise.all([isolate.use(key), isolate.use(key), isolate.use(key)]);
    expect(provider.requests).toBe(1);
  });
});

describe("stale keys", () => {
  it("answer at once, and are fetched behind the answer", async () => {
    await isolate.use(key);
    isolate.clock.now += FRESH_MS;
    const slow = Promise.withResolvers<Response>();
    provider.answer = () => slow.promise;
    await isolate.use(key);
    expect(provider.requests).toBe(2);
    slow.resolve(Response.json({ keys: [key.publicJwk] }));
    await isolate.settle();

    isolate.clock.now += FRESH_MS - 1;
    await isolate.use(key);
    expect(provider.requests).toBe(2);
  });

  it("are replaced first when they are an hour old, so a withdrawn key ends", async () => {
    await isolate.use(key);
    provider.keys = [await anIssuer()];
    isolate.clock.now += REVALIDATE_MS;
    await expect(isolate.use(key)).rejects.toEqual(UNKNOWN);
  });
});

describe("an outage of the provider", () => {
  it("leaves keys that were seen at work for 24 hours, and no longer", async () => {
    await isolate.use(key);
    provider.away = true;
    isolate.clock.now += KEEP_MS - 1;
    await isolate.use(key);
    isolate.clock.now += 1;
    await expect(isolate.use(key)).rejects.toBeInstanceOf(KeysUnavailable);
  });

  it("is asked about once in 30 s, however many tokens come", async () => {
    await isolate.use(key);
    provider.away = true;
    isolate.clock.now += FRESH_MS;
    for (let n = 0; n < 5; n += 1) await isolate.use(key);
    await isolate.settle();
    isolate.clock.now += COOLDOWN_MS - 1;
    await isolate.use(key);
    expect(provider.requests).toBe(2);
    isolate.clock.now += 1;
    await isolate.use(key);
    expect(provider.requests).toBe(3);
    await isolate.settle();
    expect(isolate.logged).toEqual(["unreachable", "unreachable"]);
  });

  it("at the first request is a KeysUnavailable, with a pause before the next fetch", async () => {
    provider.away = true;
    await expect(isolate.use(key)).rejects.toBeInstanceOf(KeysUnavailable);
    await expect(isolate.use(key)).rejects.toBeInstanceOf(KeysUnavailable);
    expect(provider.requests).toBe(1);
    provider.away = false;
    isolate.clock.now += COLD_COOLDOWN_MS;
    await isolate.use(key);
  });

  it("makes an unseen key a question for later, not a refusal", async () => {
    await isolate.use(key);
    isolate.clock.now += COOLDOWN_MS;
    provider.away = true;
    const unseen = await anIssuer();
    await expect(isolate.use(unseen)).rejects.toBeInstanceOf(KeysUnavailable);
    await expect(isolate.use(unseen)).rejects.toBeInstanceOf(KeysUnavailable);
    expect(provider.requests).toBe(2);
  });
});

describe("an unknown kid", () => {
  it("causes one fetch in 30 s, whatever comes", async () => {
    await isolate.use(key);
    isolate.clock.now += COOLDOWN_MS;
    for (let n = 0; n < 20; n += 1) {
      await expect(isolate.use({ kid: `made-up-${n}` })).rejects.toEqual(UNKNOWN);
    }
    expect(provider.requests).toBe(2);
    isolate.clock.now += COOLDOWN_MS;
    await expect(isolate.use({ kid: "made-up" })).rejects.toEqual(UNKNOWN);
    expect(provider.requests).toBe(3);
  });

  it("of a rotated key is accepted by all who come with it at the same time", async () => {
    await isolate.use(key);
    isolate.clock.now += COOLDOWN_MS;
    const rotated = await anIssuer();
    provider.keys = [rotated];
    await Promise.all(Array.from({ length: 5 }, () => isolate.use(rotated)));
    expect(provider.requests).toBe(2);
    await expect(isolate.use(key)).rejects.toEqual(UNKNOWN);
  });

  it("that is not a string is unknown, too", async () => {
    await isolate.use(key);
    const { kid } = decodeProtectedHeader("eyJhbGciOiJFUzI1NiIsImtpZCI6eyJhIjoxfX0.e30.");
    await expect(isolate.use({ kid: kid as string })).rejects.toEqual(UNKNOWN);
  });
});

describe("a bad key set", () => {
  const answers: Record<string, () => Response | Promise<Response>> = {
    status_500: () => new Response("{}", { status: 500 }),
    status_302: () => new Response(null, { status: 302, headers: { location: "https://x.test" } }),
    malformed: () => new Response("<html>"),
    no_usable_key: () => Response.json({ keys: [] }),
    too_large: () => new Response(`{"keys":[],"more":"${"x".repeat(200_000)}"}`),
    timeout: () => Promise.reject(new DOMException("too slow", "TimeoutError")),
  };

  it.each(Object.keys(answers))("(%s) does not replace a good one", async (reason) => {
    await isolate.use(key);
    isolate.clock.now += FRESH_MS;
    provider.answer = answers[reason];
    await isolate.use(key);
    await isolate.settle();
    expect(isolate.logged).toEqual([reason]);
    await isolate.use(key);
  });

  it.each([null, [], { keys: "none" }, { keys: [null, 1, "key", []] }, { keys: {} }])(
    "like %j is no key set",
    async (document) => {
      provider.answer = () => Response.json(document);
      await expect(isolate.use(key)).rejects.toBeInstanceOf(KeysUnavailable);
      expect(isolate.logged).toEqual(["no_usable_key"]);
    },
  );
});

describe("a key set", () => {
  it("gives only EC P-256 keys for signatures", async () => {
    const { x, y } = key.publicJwk;
    const good = { kty: "EC", crv: "P-256", x, y };
    const bad: Record<string, Record<string, unknown>> = {
      "of another curve": { ...good, crv: "P-384" },
      "of another type": { kty: "RSA", n: "AQAB", e: "AQAB" },
      symmetric: { kty: "oct", k: "c2VjcmV0" },
      "for encryption": { ...good, use: "enc" },
      "for another algorithm": { ...good, alg: "ES384" },
      "for other operations": { ...good, key_ops: ["deriveKey"] },
      "with its private part": { ...good, d: x },
      "not on the curve": { ...good, y: x },
      "with a short coordinate": { ...good, x: "AQAB" },
    };
    const listed = Object.entries(bad).map(([kid, jwk]) => ({ ...jwk, kid }));
    provider.answer = () => Response.json({ keys: [...listed, { ...good, kid: key.kid }] });
    await isolate.use(key);
    for (const { kid } of listed) await expect(isolate.use({ kid })).rejects.toEqual(UNKNOWN);
  });
});
