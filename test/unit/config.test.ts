import { describe, expect, it } from "vitest";
import { ConfigError, parseConfig } from "../../src/config.ts";

const whole = {
  DATABASE_URL: "postgres://outreach:secret@db.test/outreach?sslmode=require",
  IDENTITY_ISSUER: "https://identity.test",
  IDENTITY_AUDIENCE: "urn:outreach:desk",
  IDENTITY_JWKS_URL: "https://identity.test/jwks",
  DASHBOARD_CLIENT_ID: "dashboard",
  ALLOWED_ORIGINS: "https://www.shop.test",
  SIGNING_KEY: btoa("0123456789abcdef0123456789abcdef"),
  PUBLIC_BASE_URL: "https://outreach.test",
};

function refusalOf(env: object): ConfigError {
  try {
    parseConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error;
  }
  throw new Error("was not refused");
}

describe("the configuration", () => {
  it("has defaults for what need not be said", () => {
    const config = parseConfig(whole);
    expect(config.nodeId).toBe(10);
    expect(config.identity.rolesClaim).toBe("roles");
    expect(config.logLevel).toBe("info");
    expect(config.database.httpEndpoint).toBeUndefined();
  });

  it("takes an empty optional variable as absent", () => {
    const config = parseConfig({ ...whole, DATABASE_HTTP_ENDPOINT: "", APP_ENV_NODE_ID: "" });
    expect(config.database.httpEndpoint).toBeUndefined();
    expect(config.nodeId).toBe(10);
  });

  it.each([
    ["0", 0],
    ["1023", 1023],
  ])("takes the node id %s", (text, nodeId) => {
    expect(parseConfig({ ...whole, APP_ENV_NODE_ID: text }).nodeId).toBe(nodeId);
  });

  it("reads origins as browsers send them, whatever their spelling", () => {
    const list = " https://WWW.Shop.test:443/contact , http://localhost:8787,, ";
    const { allowedOrigins } = parseConfig({ ...whole, ALLOWED_ORIGINS: list });
    expect([...allowedOrigins].slice(0, 2)).toEqual([
      "https://www.shop.test",
      "http://localhost:8787",
    ]);
  });

  it("allows the Worker's own origin without being told: the dashboard is served from there", () => {
    const { allowedOrigins } = parseConfig({
      ...whole,
      ALLOWED_ORIGINS: "",
      PUBLIC_BASE_URL: "https://outreach.shop.test/",
    });
    expect([...allowedOrigins]).toEqual(["https://outreach.shop.test"]);
  });

  it("decodes the signing key to its 32 bytes", () => {
    expect(new TextDecoder().decode(parseConfig(whole).signingKey)).toBe(
      "0123456789abcdef0123456789abcdef",
    );
  });

  it("takes a previous signing key, and an empty one as none", () => {
    const previous = btoa("abcdef0123456789abcdef0123456789");
    const keyOf = (value: string) =>
      parseConfig({ ...whole, SIGNING_KEY_PREVIOUS: value }).signingKeyPrevious;
    expect(new TextDecoder().decode(keyOf(previous))).toBe("abcdef0123456789abcdef0123456789");
    expect(keyOf("")).toBeUndefined();
  });

  it.each(Object.keys(whole))("does not do without %s", (name) => {
    expect(refusalOf({ ...whole, [name]: undefined }).variables).toEqual([name]);
  });

  it.each([
    ["APP_ENV_NODE_ID", "-1"],
    ["APP_ENV_NODE_ID", "1.5"],
    ["DATABASE_URL", "postgres://db.test/outreach"],
    ["DATABASE_URL", "postgres://user:secret@db.test/"],
    ["ALLOWED_ORIGINS", "*"],
    ["ALLOWED_ORIGINS", "null"],
    ["ALLOWED_ORIGINS", "data:text/html,x"],
    ["SIGNING_KEY", btoa("0123456789abcdef0123456789abcde")],
    ["SIGNING_KEY", btoa("0123456789abcdef0123456789abcdef0")],
    ["SIGNING_KEY", "_".repeat(43)],
    ["SIGNING_KEY_PREVIOUS", "hunter2"],
    ["LOG_LEVEL", "verbose"],
  ])("refuses %s = %s", (name, value) => {
    expect(refusalOf({ ...whole, [name]: value }).variables).toEqual([name]);
  });

  it.each([
    ["UPSTASH_REDIS_REST_URL", "https://redis.test", "UPSTASH_REDIS_REST_TOKEN"],
    ["UPSTASH_REDIS_REST_TOKEN", "secret", "UPSTASH_REDIS_REST_URL"],
  ])("misses the other half of Redis when there is only %s", (name, value, missing) => {
    expect(refusalOf({ ...whole, [name]: value }).variables).toEqual([missing]);
  });

  it("names everything that is wrong, once, and never a value", () => {
    const refusal = refusalOf({ ...whole, SIGNING_KEY: "hunter2", PUBLIC_BASE_URL: "hunter2" });
    expect(refusal.variables).toEqual(["SIGNING_KEY", "PUBLIC_BASE_URL"]);
    expect(`${refusal.message} ${refusal.stack} ${refusal.cause}`).not.toContain("hunter2");
  });
});
