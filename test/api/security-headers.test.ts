import { describe, expect, it } from "vitest";
import { as, call, postForm } from "../support/worker/app.ts";
import { operationsOf, readDocument } from "../support/worker/document.ts";
import { aForm } from "../support/worker/factories.ts";
import { appWith } from "../support/worker/own-app.ts";

interface Document {
  paths: Record<string, Record<string, unknown>>;
}

const METHODS = ["get", "head", "post", "put", "patch", "delete", "options"];

/** Every operation of the document, with ids that lead nowhere. */
async function everyRoute(): Promise<[method: string, path: string][]> {
  const { paths } = await (await call("/doc/openapi.json")).json<Document>();
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.keys(item)
      .filter((method) => METHODS.includes(method))
      .map((method): [string, string] => [
        method.toUpperCase(),
        `/${path.replaceAll(/\{\w+\}/g, "1")}`,
      ]),
  );
}

/** Asserts what every answer has to carry. */
function expectSecure(answer: Response, about: string) {
  const headers = Object.fromEntries(answer.headers);
  expect(headers, about).toMatchObject({
    "strict-transport-security": expect.stringMatching(/max-age=\d{8}/),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
    "x-request-id": expect.any(String),
  });
  const policy = headers["content-security-policy"] ?? "";
  expect(policy, about).toContain("default-src 'none'");
  expect(policy, about).toContain("frame-ancestors 'none'");
  expect(policy, about).toContain("base-uri 'none'");
  expect(policy, about).not.toMatch(
    /\*|https?:\/\/(?!www\.shop\.test|outreach\.test|localhost:8787)|unsafe-eval/,
  );
  expect(policy.match(/script-src [^;]*unsafe-inline/), about).toBeNull();
  expect(headers["access-control-allow-origin"], about).not.toBe("*");
  expect(headers, about).not.toHaveProperty("server");
  expect(headers, about).not.toHaveProperty("x-powered-by");
}

describe("every route of the document", () => {
  it("carries the security headers, whoever asks", async () => {
    const routes = await everyRoute();
    expect(routes.length).toBeGreaterThanOrEqual(6);
    for (const [method, path] of routes) {
      for (const headers of [{}, as("owner"), { authorization: "Bearer nonsense" }]) {
        const answer = await call(path, { method, headers });
        expectSecure(answer, `${method} ${path} → ${answer.status}`);
        await answer.body?.cancel();
      }
    }
  });
});

describe("every page and every problem", () => {
  it.each([
    ["the API reference", () => call("/doc")],
    ["the document", () => call("/doc/openapi.json")],
    ["the thank-you page", () => postForm("/inquiries/submit", aForm())],
    ["the correction page", () => postForm("/inquiries/submit", aForm({ email: "nobody" }))],
    ["an address that leads nowhere", () => call("/nowhere")],
    ["a method that is not spoken", () => call("/inquiries/1", { method: "PUT" })],
    ["a refused preflight", () => call("/inquiries", { method: "OPTIONS" })],
    ["a refused upgrade", () => call("/rooms/inquiries", { headers: as("owner") })],
  ])("carries the security headers: %s", async (name, ask) => {
    const answer = await ask();
    expectSecure(answer, `${name} → ${answer.status}`);
    await answer.body?.cancel();
  });
});

describe("the dashboard's document", () => {
  it("carries its configuration as data that ends nothing", async () => {
    const audience = "</script><script>alert(1)</script>";
    const answer = await appWith({ IDENTITY_AUDIENCE: audience }).call("//");
    const text = await answer.text();
    expect(text).not.toContain(audience);
    const [, config = "{}"] = /<script[^>]* id="config"[^>]*>(.*?)<\/script>/s.exec(text) ?? [];
    expect(JSON.parse(config)).toMatchObject({ audience });
  });
});

describe("CORS", () => {
  const preflight = (origin: string) =>
    call("/inquiries/submit", {
      method: "OPTIONS",
      headers: { origin, "access-control-request-method": "POST" },
    });

  it("answers an allowed origin by name", async () => {
    const { headers } = await preflight("https://www.shop.test");
    expect(headers.get("access-control-allow-origin")).toBe("https://www.shop.test");
    expect(headers.get("vary")?.toLowerCase()).toContain("origin");
    expect(headers.get("access-control-allow-credentials")).toBeNull();
  });

  it("lets a page of it read the headers that an answer is documented with", async () => {
    const documented = operationsOf(await readDocument())
      .filter(({ path }) => path.startsWith("/v1/"))
      .flatMap(({ responses }) => Object.entries(responses))
      .filter(([status]) => (Number(status) >= 200 && Number(status) < 300) || status === "429")
      .flatMap(([, { headers }]) => Object.keys(headers ?? {}))
      // Any page may read this one.
      .filter((name) => name !== "Cache-Control");
    const { headers } = await call("/me", { headers: { origin: "https://www.shop.test" } });
    const exposed = headers.get("access-control-expose-headers")?.split(",") ?? [];
    expect(exposed.toSorted()).toEqual([...new Set(documented)].toSorted());
  });

  it.each([
    "https://shop.test",
    "http://www.shop.test",
    "https://www.shop.test.evil.test",
    "https://evil-www.shop.test",
    "null",
  ])("says nothing to %s", async (origin) => {
    const { headers } = await preflight(origin);
    expect(headers.get("access-control-allow-origin")).toBeNull();
    const answer = await call("/inquiries", { headers: { origin, ...as("owner") } });
    expect(answer.headers.get("access-control-allow-origin")).toBeNull();
  });
});
