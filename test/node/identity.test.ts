import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Identity } from "../../dev/identity.ts";
import { startIdentity } from "../../dev/identity.ts";
import type { Who } from "../../dev/identity-users.ts";
import { signIn } from "../../dev/sign-in.ts";
import {
  closeIdentities,
  flowOf,
  openIdentity,
  refresh,
  verifyToken,
} from "../support/identity.ts";

let identity: Identity;
let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "identity-"));
  identity = await openIdentity();
});

afterEach(async () => {
  await closeIdentities();
  await rm(dataDir, { recursive: true });
});

describe("what the provider publishes", () => {
  test("describes the code flow with PKCE for public clients, and nothing else", async () => {
    const response = await fetch(`${identity.issuer}/.well-known/openid-configuration`);
    expect(await response.json()).toMatchObject({
      issuer: identity.issuer,
      jwks_uri: identity.jwksUrl,
      response_types_supported: ["code"],
      grant_types_supported: ["authorization_code", "refresh_token"],
      code_challenge_methods_supported: ["S256"],
      token_endpoint_auth_methods_supported: ["none"],
      id_token_signing_alg_values_supported: ["ES256"],
    });
  });

  test("publishes only public P-256 keys", async () => {
    const { keys } = (await (await fetch(identity.jwksUrl)).json()) as { keys: object[] };
    expect(keys).toEqual([
      {
        kty: "EC",
        crv: "P-256",
        alg: "ES256",
        use: "sig",
        kid: expect.any(String),
        x: expect.any(String),
        y: expect.any(String),
      },
    ]);
  });

  test("says nothing on the console when it starts, signs in and rotates", async () => {
    const methods = ["log", "info", "warn", "error"] as const;
    const spies = methods.map((name) => vi.spyOn(console, name));
    const quiet = await openIdentity();
    await signIn(flowOf(quiet));
    await quiet.rotateKeys();
    const calls = spies.flatMap((spy) => spy.mock.calls);
    vi.restoreAllMocks();
    expect(calls).toEqual([]);
  });

  test("will not listen where others could reach it", async () => {
    await expect(startIdentity({ host: "0.0.0.0" })).rejects.toThrow();
  });

  test("answers to its own name only", async () => {
    const response = await fetch(identity.jwksUrl.replace("127.0.0.1", "localhost"));
    expect(response.status).toBe(421);
  });
});

describe("a minted token", () => {
  test.for<[Who, string[]]>([
    ["OWNER", ["OWNER"]],
    ["EMPLOYEE", ["EMPLOYEE"]],
    ["CASHIER", ["CASHIER"]],
    ["VISITOR", []],
  ])("of %s verifies by the JWKS and carries the roles %j", async ([who, roles]) => {
    const { payload } = await verifyToken(identity, await identity.token(who));
    expect(payload).toMatchObject({ roles, client_id: identity.clientId });
    expect(Number(payload.exp) - Number(payload.iat)).toBe(900);
  });

  test("has the header and the claims of one from the code flow", async () => {
    const minted = await identity.token("CASHIER");
    const { accessToken } = await signIn(flowOf(identity, "CASHIER"));
    const stable = { iat: 0, nbf: 0, exp: 0, jti: "" };
    expect(decodeProtectedHeader(minted)).toEqual(decodeProtectedHeader(accessToken));
    expect({ ...decodeJwt(minted), ...stable }).toEqual({ ...decodeJwt(accessToken), ...stable });
  });

  test("takes another subject, audience, roles and life", async () => {
    const token = await identity.token("OWNER", {
      sub: "somebody",
      audience: "urn:other",
      roles: "OWNER",
      expiresInSeconds: 60,
    });
    const claims = decodeJwt(token);
    expect(claims).toMatchObject({ sub: "somebody", aud: "urn:other", roles: "OWNER" });
    expect(Number(claims.exp) - Number(claims.iat)).toBe(60);
  });

  test("with a negative life was good once and has expired", async () => {
    const token = await identity.token("OWNER", { expiresInSeconds: -60 });
    await expect(verifyToken(identity, token)).rejects.toMatchObject({ code: "ERR_JWT_EXPIRED" });
    const claims = decodeJwt(token);
    expect(Number(claims.nbf)).toBeLessThan(Number(claims.exp));
  });
});

describe("keys", () => {
  test("rotate: a new kid, the old key gone, the session and its refresh token alive", async () => {
    const { accessToken, refreshToken } = await signIn(flowOf(identity));
    await verifyToken(identity, accessToken);
    await identity.rotateKeys();
    await expect(verifyToken(identity, accessToken)).rejects.toMatchObject({
      code: "ERR_JWKS_NO_MATCHING_KEY",
    });

    const { body } = await refresh(identity, refreshToken);
    const { protectedHeader } = await verifyToken(identity, body.access_token);
    expect(protectedHeader.kid).not.toBe(decodeProtectedHeader(accessToken).kid);
    await verifyToken(identity, await identity.token("OWNER"));
  });

  test("outlive the provider in a file that only its owner can read", async () => {
    const first = await openIdentity({ dataDir });
    const token = await first.token("OWNER");
    await first.close();
    const { mode } = await stat(join(dataDir, "identity-keys.json"));
    expect(mode & 0o777).toBe(0o600);

    const second = await openIdentity({ dataDir, port: Number(new URL(first.issuer).port) });
    await verifyToken(second, token);
    await second.rotateKeys();
    const rotated = decodeProtectedHeader(await second.token("OWNER")).kid;
    await second.close();
    const third = await openIdentity({ dataDir });
    expect(decodeProtectedHeader(await third.token("OWNER")).kid).toBe(rotated);
  });

  test("are never replaced in silence when the file is damaged", async () => {
    const path = join(dataDir, "identity-keys.json");
    await writeFile(path, "{");
    await expect(startIdentity({ dataDir })).rejects.toThrow(path);
    expect(await readFile(path, "utf8")).toBe("{");
  });
});
