import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { mkdtemp, rm } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createKeyCache, createKeyResolver, KeysUnavailable } from "../../src/auth/jwks.ts";
import { verifyToken } from "../../src/auth/tokens.ts";
import { closeIdentities, openIdentity } from "../support/identity.ts";

const HOUR_MS = 3_600_000;
const LONG_LIFE = { expiresInSeconds: 2 * 24 * 3600 };

let dataDir: string;
/** Requests for the key set that arrived at a provider. */
let arrived = 0;

function count(message: unknown): void {
  const { request } = message as { request: IncomingMessage };
  if (request.url === "/jwks") arrived += 1;
}

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "identity-"));
  arrived = 0;
  subscribe("http.server.request.start", count);
});

afterEach(async () => {
  unsubscribe("http.server.request.start", count);
  await closeIdentities();
  await rm(dataDir, { recursive: true });
});

test("a stopped provider stops nobody it has vouched for, and its new key is found within 30 s", async () => {
  const identity = await openIdentity({ dataDir });
  const port = Number(new URL(identity.issuer).port);
  const clock = { now: Date.now() };
  const behind: Promise<unknown>[] = [];
  const keys = createKeyResolver({
    url: identity.jwksUrl,
    requestId: "test",
    cache: createKeyCache(),
    log: { warn: () => undefined },
    background: (work) => void behind.push(work),
    now: () => clock.now,
  });
  const { issuer, audience } = identity;
  const verify = async (token: string) => {
    const now = () => clock.now;
    const verdict = await verifyToken(token, { keys, issuer, audience, rolesClaim: "roles", now });
    await Promise.all(behind.splice(0));
    return verdict.ok ? verdict.principal.subject : verdict.code;
  };

  const seen = await identity.token("OWNER", LONG_LIFE);
  expect(await verify(seen)).toBe("olivia");
  expect(arrived).toBe(1);

  await identity.close();
  for (let hours = 1; hours <= 23; hours += 1) {
    clock.now += HOUR_MS;
    expect(await verify(seen)).toBe("olivia");
  }
  expect(arrived).toBe(1);

  const back = await openIdentity({ dataDir, port });
  await back.rotateKeys();
  const rotated = await back.token("EMPLOYEE", LONG_LIFE);
  // The provider was last asked a moment ago, in vain: whose key this is cannot be said yet.
  await expect(verify(rotated)).rejects.toBeInstanceOf(KeysUnavailable);
  clock.now += 30_000;
  const verdicts = await Promise.all(Array.from({ length: 10 }, () => verify(rotated)));
  expect(verdicts).toEqual(Array(10).fill("emil"));
  expect(arrived).toBe(2);
  expect(await verify(seen)).toBe("unknown_key");
  expect(arrived).toBe(2);
});
