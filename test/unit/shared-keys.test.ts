import { beforeEach, describe, expect, it } from "vitest";
import { createKeyCache, createKeyResolver, FRESH_MS } from "../../src/auth/jwks.ts";
import { createSharedKeys, type HttpCache } from "../../src/auth/shared-keys.ts";
import { createSigner } from "../../src/auth/signing.ts";
import { anIssuer } from "../support/worker/issuer.ts";
import { aProvider } from "../support/worker/provider.ts";

const signer = createSigner(crypto.getRandomValues(new Uint8Array(32)));

let key: Awaited<ReturnType<typeof anIssuer>>;
let provider: ReturnType<typeof aProvider>;
let address: string;
let clock: { now: number };
let logged: unknown[];

beforeEach(async () => {
  key = await anIssuer();
  provider = aProvider(key);
  address = `https://outreach.test/identity-keys/${crypto.randomUUID()}`;
  clock = { now: Date.now() };
  logged = [];
});

/** An isolate of this data centre: nothing in memory, the Cache API beside it. */
function anIsolate(open: () => Promise<HttpCache> = () => caches.open("identity-keys")) {
  const behind: Promise<unknown>[] = [];
  const log = { warn: (_message: string, fields?: object) => void logged.push(fields) };
  const background = (work: Promise<unknown>) => void behind.push(work);
  const now = () => clock.now;
  const source = "https://identity.test/jwks";
  const resolve = createKeyResolver({
    url: source,
    requestId: "test",
    cache: createKeyCache(),
    log,
    background,
    now,
    shared: createSharedKeys({ open, address, source, signer, log, now }),
    fetch: () => provider.fetch(),
  });
  return {
    async use({ kid }: { kid: string }) {
      await resolve({ alg: "ES256", kid }, { payload: "", signature: "" });
      await this.settle();
    },
    async settle() {
      while (behind.length > 0) await Promise.all(behind.splice(0));
    },
  };
}

async function plant(response: Response): Promise<void> {
  response.headers.set("cache-control", "max-age=86400");
  await (await caches.open("identity-keys")).put(address, response);
}

describe("keys in the Cache API", () => {
  it("spare every other isolate of the data centre the fetch", async () => {
    await anIsolate().use(key);
    await anIsolate().use(key);
    await anIsolate().use(key);
    expect(provider.requests).toBe(1);
  });

  it("let an isolate begin during an outage", async () => {
    await anIsolate().use(key);
    provider.away = true;
    clock.now += 23 * 3_600_000;
    await anIsolate().use(key);
  });

  it("are renewed by the first isolate that finds them stale", async () => {
    const [first, second] = [anIsolate(), anIsolate()];
    await first.use(key);
    await second.use(key);
    clock.now += FRESH_MS;
    await first.use(key);
    await second.use(key);
    expect(provider.requests).toBe(2);
  });

  it("keep no newer ones out when they are of a machine whose clock is ahead", async () => {
    clock.now += 3_600_000;
    await anIsolate().use(key);
    clock.now -= 3_600_000;
    const rotated = await anIssuer();
    provider.keys = [rotated];
    await anIsolate().use(rotated);
  });

  it("bring a rotated key that another isolate has fetched", async () => {
    const [first, second] = [anIsolate(), anIsolate()];
    await first.use(key);
    await second.use(key);
    clock.now += 60_000;
    const rotated = await anIssuer();
    provider.keys = [rotated];
    await first.use(rotated);
    await second.use(rotated);
    expect(provider.requests).toBe(2);
  });
});

describe("what is no copy of ours", () => {
  it.each([
    ["not JSON", () => new Response("<html>")],
    ["another shape", () => Response.json({ keys: [] })],
    ["a list", () => Response.json([1])],
    ["another type of signature", () => Response.json({ content: "{}", signature: 1 })],
    ["too large", () => new Response("x".repeat(400_000))],
  ])("(%s) is passed over", async (_what, response) => {
    await plant(response());
    await anIsolate().use(key);
    expect(provider.requests).toBe(1);
    expect(logged).toHaveLength(1);
  });

  it("accepts no key that somebody else put there", async () => {
    const stranger = await anIssuer();
    const content = JSON.stringify({ fetchedAt: clock.now, keys: [stranger.publicJwk] });
    const signature = await createSigner(new Uint8Array(32)).sign(
      "shared-keys",
      `https://identity.test/jwks\n${content}`,
    );
    await plant(Response.json({ content, signature }));
    await expect(anIsolate().use(stranger)).rejects.toMatchObject({
      code: "ERR_JWKS_NO_MATCHING_KEY",
    });
    expect(logged).toContainEqual({ reason: "bad_signature" });
  });

  it("is passed over when it was made for another provider", async () => {
    const shared = (source: string) =>
      createSharedKeys({
        open: () => caches.open("identity-keys"),
        ...{ address, source, signer, log: { warn: () => undefined } },
      });
    await anIsolate().use(key);
    expect((await shared("https://identity.test/jwks").read())?.kids).toContain(key.kid);
    expect(await shared("https://other.test/jwks").read()).toBeUndefined();
  });
});

describe("a cache that fails", () => {
  it("costs a fetch and a line in the log, nothing else", async () => {
    const broken = () => Promise.reject(new Error("no cache here"));
    await anIsolate(broken).use(key);
    expect(provider.requests).toBe(1);
    expect(logged).toEqual([{ reason: "Error" }, { reason: "Error" }]);
  });
});
