import { createLocalJWKSet } from "jose";
import { describe, expect, it } from "vitest";
import { verifyToken } from "../../src/auth/tokens.ts";
import { AUDIENCE, anIssuer } from "../support/worker/issuer.ts";

const identity = await anIssuer();
const now = Math.floor(Date.now() / 1000);

function verify(token: string, at = now) {
  return verifyToken(token, {
    keys: createLocalJWKSet(identity.jwks),
    issuer: identity.issuer,
    audience: AUDIENCE,
    rolesClaim: "roles",
    now: () => at * 1000,
  });
}

/** Why a token is refused; `undefined` when it is not. */
async function flaw(token: string, at?: number) {
  const verdict = await verify(token, at);
  return verdict.ok ? undefined : verdict.code;
}

describe("a good token", () => {
  it("yields its principal", async () => {
    const token = await identity.token({ exp: now + 60, name: "Olivia", roles: ["A", "B", "A"] });
    expect(await verify(token)).toEqual({
      ok: true,
      principal: { subject: "olivia", name: "Olivia", roles: ["A", "B"], expiresAt: now + 60 },
    });
  });

  it.each([
    ["a list", ["A", "B"], ["A", "B"]],
    ["one string", "A B", ["A", "B"]],
    ["a list with other things in it", ["A", 1, null, "", ["B"]], ["A"]],
    ["a number", 7, []],
    ["an object", { A: true }, []],
    ["nothing", undefined, []],
  ])("has its roles read from %s", async (_what, roles, expected) => {
    expect(await verify(await identity.token({ roles }))).toMatchObject({
      principal: { roles: expected },
    });
  });

  it.each(["at+jwt", "JWT", undefined])("may call itself %s", async (typ) => {
    expect(await flaw(await signed({}, { typ }))).toBeUndefined();
  });

  it("may have several audiences", async () => {
    expect(await flaw(await identity.token({ aud: ["urn:other", AUDIENCE] }))).toBeUndefined();
  });

  it("loses a name that could not be shown, not its rights", async () => {
    for (const name of ["", "a\u0000b", "x".repeat(201), 7]) {
      const verdict = await verify(await identity.token({ name }));
      expect(verdict).toMatchObject({ ok: true, principal: { name: undefined } });
    }
  });
});

describe("time", () => {
  it("is read with a tolerance of 30 s at both ends", async () => {
    const token = await identity.token({ nbf: now, exp: now + 60 });
    expect(await flaw(token, now - 31)).toBe("not_yet_valid");
    expect(await flaw(token, now - 30)).toBeUndefined();
    expect(await flaw(token, now + 89)).toBeUndefined();
    expect(await verify(token, now + 90)).toEqual({
      ok: false,
      reason: "expired",
      code: "expired",
    });
  });
});

describe("a claim", () => {
  it.each(["iss", "aud", "exp", "nbf", "sub"])("%s is required", async (claim) => {
    expect(await flaw(await identity.token({ [claim]: undefined }))).toBe("claim_missing");
  });

  it.each([
    ["iss", "https://elsewhere.test", "wrong_issuer"],
    ["iss", [identity.issuer], "wrong_issuer"],
    ["aud", "urn:other", "wrong_audience"],
    ["aud", [], "wrong_audience"],
    ["aud", { [AUDIENCE]: true }, "wrong_audience"],
    ["exp", "tomorrow", "claim_malformed"],
    ["exp", 1e300, "claim_malformed"],
    ["nbf", null, "claim_malformed"],
    ["sub", "", "claim_malformed"],
    ["sub", 7, "claim_malformed"],
    ["sub", null, "claim_malformed"],
    ["sub", "a\u0000b", "claim_malformed"],
    ["sub", "a\ud800b", "claim_malformed"],
    ["sub", "x".repeat(256), "claim_malformed"],
  ])("%s of %j is refused", async (claim, value, expected) => {
    // As JSON, so that what no signer would write gets through.
    const claims = JSON.parse(JSON.stringify({ [claim]: value }));
    expect(await flaw(await signed({ ...claims }))).toBe(expected);
  });
});

/** A token with these claims, whatever their types. */
async function signed(claims: Record<string, unknown>, header: object = {}): Promise<string> {
  const usual = { iss: identity.issuer, aud: AUDIENCE, sub: "olivia", nbf: now, exp: now + 300 };
  const part = (value: unknown) => base64url(new TextEncoder().encode(JSON.stringify(value)));
  const content = `${part({ alg: "ES256", kid: identity.kid, ...header })}.${part({ ...usual, ...claims })}`;
  const key = identity.privateKey as globalThis.CryptoKey;
  const algorithm = { name: "ECDSA", hash: "SHA-256" };
  const signature = await crypto.subtle.sign(algorithm, key, new TextEncoder().encode(content));
  return `${content}.${base64url(new Uint8Array(signature))}`;
}

function base64url(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

describe("a header", () => {
  it.each([
    [{ alg: "none" }, "algorithm_not_allowed"],
    [{ alg: "HS256" }, "algorithm_not_allowed"],
    [{ alg: "ES384" }, "algorithm_not_allowed"],
    [{ alg: 7 }, "malformed"],
    [{ crit: ["exp"], exp: 1 }, "header_not_supported"],
    [{ crit: [] }, "malformed"],
    [{ crit: ["b64"], b64: false }, "malformed"],
    [{ kid: "somebody-else" }, "unknown_key"],
    [{ kid: { a: 1 } }, "unknown_key"],
  ])("of %j is refused", async (header, expected) => {
    expect(await flaw(await signed({}, header))).toBe(expected);
  });

  it("with another algorithm is refused before any key is looked up", async () => {
    const keys = () => Promise.reject(new Error("a key was asked for"));
    const options = { keys, issuer: identity.issuer, audience: AUDIENCE, rolesClaim: "roles" };
    for (const alg of ["none", "HS256", "RS256", "ES384", "EdDSA"]) {
      const verdict = await verifyToken(await signed({}, { alg }), options);
      expect(verdict).toMatchObject({ code: "algorithm_not_allowed" });
    }
  });
});

describe("a signature", () => {
  it("of another key is refused", async () => {
    const other = await anIssuer();
    const token = await identity.token({}, {}, other.privateKey);
    expect(await flaw(token)).toBe("bad_signature");
  });

  it("over other claims is refused", async () => {
    const [header, , signature] = (await identity.token()).split(".");
    const [, claims] = (await identity.token({ roles: ["OWNER", "ADMIN"] })).split(".");
    expect(await flaw(`${header}.${claims}.${signature}`)).toBe("bad_signature");
  });
});

describe("a broken token", () => {
  it("is refused unread when it is longer than 8 KiB", async () => {
    expect(await flaw(await identity.token({ more: "x".repeat(9000) }))).toBe("too_long");
  });

  it("is a verdict and never an exception, wherever it is cut or changed", async () => {
    const token = await identity.token();
    const broken = ["", ".", "..", "...", "a.b.c", "é.é.é", "\u0000.\u0000.\u0000", "e30.e30.e30"];
    for (let at = 0; at < token.length; at += 7) {
      broken.push(token.slice(0, at), token.slice(at));
      broken.push(`${token.slice(0, at)}!${token.slice(at + 1)}`);
      broken.push(`${token.slice(0, at)}${token[at] === "A" ? "B" : "A"}${token.slice(at + 1)}`);
    }
    for (const each of broken) {
      const verdict = await verify(each);
      // The last character of a signature carries bits that mean nothing.
      if (each !== token) expect({ each, ok: verdict.ok }).toEqual({ each, ok: false });
    }
  });
});
