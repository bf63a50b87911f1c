import { exportJWK, exportSPKI, generateKeyPair, UnsecuredJWT } from "jose";
import { beforeEach, describe, expect, it } from "vitest";
import { createApp, PREFIX } from "../../src/app.ts";
import { as, call } from "../support/worker/app.ts";
import { addressOf, operationsOf, readDocument } from "../support/worker/document.ts";
import { AUDIENCE, anIssuer } from "../support/worker/issuer.ts";
import { watchNetwork } from "../support/worker/network.ts";
import { appWith } from "../support/worker/own-app.ts";
import { expectProblem } from "../support/worker/problems.ts";

/** Open by design. Whatever is not in this list needs a token. */
const PUBLIC_OPERATIONS = [
  "getFormStamp",
  "healthz",
  "readyz",
  "showUnsubscribe",
  "submitInquiry",
  "subscribe",
  "unsubscribe",
];
/** Behind the scraper's own token; test/api/metrics.test.ts knocks at it. */
const SCRAPER_OPERATIONS = ["metrics"];
/** Open, and not operations: the document and the page that shows it. */
const PUBLIC_PAGES = [`GET ${PREFIX}/doc`, `GET ${PREFIX}/doc/openapi.json`];

const operations = operationsOf(await readDocument());
const secured = operations.filter(({ security }) => security?.some((each) => "bearer" in each));
/** What any signed-in principal may ask, whatever the roles. */
const FOR_ANYONE_SIGNED_IN: readonly string[] = ["getMe"];
const guarded = secured.filter(({ operationId }) => !FOR_ANYONE_SIGNED_IN.includes(operationId));

const encoder = new TextEncoder();
const now = () => Math.floor(Date.now() / 1000);

const issuer = await anIssuer();
const es384 = await generateKeyPair("ES384");
const rs256 = await generateKeyPair("RS256");
const stranger = await generateKeyPair("ES256");
// Published as well: that a provider has other keys must not widen what is accepted.
issuer.jwks.keys.push(
  { ...(await exportJWK(es384.publicKey)), kid: "es384" },
  { ...(await exportJWK(rs256.publicKey)), kid: "rs256" },
);
const app = appWith(issuer.variables);

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** Every secured operation, asked with these headers. */
async function askAll(headers: Record<string, string>, query = "", asked = secured) {
  return Promise.all(
    asked.map((operation) =>
      app.call(addressOf(operation) + query, { method: operation.method, headers }),
    ),
  );
}

beforeEach(() => {
  watchNetwork(({ url }) => (url === issuer.jwksUrl ? Response.json(issuer.jwks) : undefined));
});

describe("what is open", () => {
  it("is exactly the public list; everything else asks for a bearer token", () => {
    const open = operations.filter(({ security }) => security === undefined);
    expect(open.map(({ operationId }) => operationId).sort()).toEqual(PUBLIC_OPERATIONS);
    for (const { security } of secured) expect(security).toEqual([{ bearer: [] }]);
    const others = operations.filter((each) => !open.includes(each) && !secured.includes(each));
    expect(others.map(({ operationId }) => operationId)).toEqual(SCRAPER_OPERATIONS);
    expect(secured.length).toBeGreaterThan(0);
  });

  it("leaves no route out of the document", () => {
    const documented = operations.map(
      ({ method, path }) => `${method} ${path.replaceAll(/\{(\w+)\}/g, ":$1")}`,
    );
    const routes = createApp().routes.filter(({ method }) => method !== "ALL");
    const served = new Set(routes.map(({ method, path }) => `${method} ${path}`));
    expect([...served].sort()).toEqual([...documented, ...PUBLIC_PAGES].sort());
  });
});

describe("without a token", () => {
  it.each<[string, Record<string, string>]>([
    ["no header", {}],
    ["an empty one", { authorization: "" }],
    ["the scheme alone", { authorization: "Bearer" }],
    ["another scheme", { authorization: "Basic b2xpdmlhOnNlY3JldA==" }],
    ["a token with a space in it", { authorization: "Bearer a b" }],
  ])("every secured operation answers 401 to %s", async (_what, headers) => {
    for (const answer of await askAll(headers)) {
      expect(answer.headers.get("www-authenticate")).toBe("Bearer");
      await expectProblem(answer, 401, "unauthenticated");
    }
  });

  it("one in the address, a cookie or a form is not looked at", async () => {
    const token = await issuer.token();
    const query = `?access_token=${token}&token=${token}&authorization=Bearer%20${token}`;
    for (const answer of await askAll({ cookie: `access_token=${token}; token=${token}` }, query)) {
      await expectProblem(answer, 401, "unauthenticated");
    }
  });
});

describe("with a token that is not good", () => {
  const tampered = async () => {
    const [header, , signature] = (await issuer.token()).split(".");
    const claims = { iss: issuer.issuer, aud: AUDIENCE, sub: "mallory", exp: now() + 300, nbf: 0 };
    return `${header}.${btoa(JSON.stringify(claims)).replaceAll("=", "")}.${signature}`;
  };
  const unsecured = () =>
    new UnsecuredJWT({ roles: ["OWNER"] })
      .setIssuer(issuer.issuer)
      .setAudience(AUDIENCE)
      .setSubject("olivia")
      .setNotBefore("0 s")
      .setExpirationTime("5 min")
      .encode();

  it.each<[string, () => string | Promise<string>]>([
    ["garbage", () => "garbage"],
    ["three dots of garbage", () => "a.b.c"],
    ["one signed by nobody (alg none)", unsecured],
    ["HS256 under the public JWK", () => hmacWith(JSON.stringify(issuer.publicJwk))],
    ["HS256 under the public PEM", async () => hmacWith(await exportSPKI(issuer.publicKey))],
    ["ES384 under a key of ours", () => withKey("ES384", "es384", es384.privateKey)],
    ["RS256 under a key of ours", () => withKey("RS256", "rs256", rs256.privateKey)],
    ["ES256 under another's key", () => withKey("ES256", issuer.kid, stranger.privateKey)],
    ["ES256 under a key nobody knows", () => withKey("ES256", "unknown", stranger.privateKey)],
    ["another's claims with our signature", tampered],
    ["no signature", async () => (await issuer.token()).replace(/[^.]+$/, "")],
    ["another issuer", () => issuer.token({ iss: "https://elsewhere.test" })],
    ["an issuer with a slash more", () => issuer.token({ iss: `${issuer.issuer}/` })],
    ["another audience", () => issuer.token({ aud: "urn:other" })],
    ["no audience", () => issuer.token({ aud: undefined })],
    ["no expiry", () => issuer.token({ exp: undefined })],
    ["an expiry 31 seconds ago", () => issuer.token({ exp: now() - 31 })],
    ["a beginning in 60 seconds", () => issuer.token({ nbf: now() + 60 })],
    ["no beginning", () => issuer.token({ nbf: undefined })],
    ["no subject", () => issuer.token({ sub: undefined })],
    ["an empty subject", () => issuer.token({ sub: "" })],
    ["a subject that is a number", () => issuer.token({ sub: 7 })],
  ])("every secured operation answers 401 to %s", async (_what, makeToken) => {
    for (const answer of await askAll(bearer(await makeToken()))) {
      expect(answer.headers.get("www-authenticate")).toMatch(/^Bearer error="invalid_token"/);
      await expectProblem(answer, 401, "unauthenticated");
    }
  });

  it.each(["expired", "foreign"] as const)("so it is with the local provider: %s", async (who) => {
    for (const operation of secured) {
      const answer = await call(addressOf(operation), {
        method: operation.method,
        headers: as(who),
      });
      await expectProblem(answer, 401, "unauthenticated");
    }
  });

  it("asks nobody for keys when the algorithm is not ours", async () => {
    const calls = watchNetwork();
    for (const token of ["a.b.c", unsecured(), await hmacWith("secret")]) {
      const fresh = appWith(issuer.variables);
      expect((await fresh.call("/inquiries", { headers: bearer(token) })).status).toBe(401);
    }
    expect(calls).toEqual([]);
  });

  function hmacWith(secret: string) {
    return issuer.token({}, { alg: "HS256" }, encoder.encode(secret));
  }
  function withKey(alg: string, kid: string, key: CryptoKey) {
    return issuer.token({}, { alg, kid }, key);
  }
});

describe("with a good token", () => {
  it.each<[string, Record<string, unknown>]>([
    ["as it comes", {}],
    ["20 seconds past its expiry", { exp: now() - 20 }],
    ["for several audiences", { aud: ["urn:other", AUDIENCE] }],
    ["whose roles are one string", { roles: "VISITOR OWNER" }],
    ["whose roles hold strange things as well", { roles: [7, null, ["CASHIER"], "OWNER"] }],
  ])("nobody is turned away: %s", async (_what, claims) => {
    for (const answer of await askAll(bearer(await issuer.token(claims)))) {
      expect([401, 403, 500, 503]).not.toContain(answer.status);
    }
  });

  it.each<[string, unknown]>([
    ["no roles", undefined],
    ["an empty list", []],
    ["null", null],
    ["a number", 7],
    ["an object", { OWNER: true }],
    ["a list in a list", [["OWNER"]]],
    ["roles in other letters", ["owner", "Owner", "OWNER "]],
    ["a role nobody has rules for", ["VISITOR", "__proto__", "p"]],
    ["commas in one string", "OWNER,EMPLOYEE"],
  ])("every secured operation answers 403 to %s", async (_what, roles) => {
    for (const answer of await askAll(bearer(await issuer.token({ roles })), "", guarded)) {
      await expectProblem(answer, 403, "forbidden");
    }
  });

  it("every secured operation answers 403 to the visitor of the local provider", async () => {
    for (const operation of guarded) {
      const { method } = operation;
      const answer = await call(addressOf(operation), { method, headers: as("visitor") });
      await expectProblem(answer, 403, "forbidden");
    }
  });
});
