import { type Schema, Validator } from "@cfworker/json-schema";
import { describe, expect, it } from "vitest";
import { as, call, postForm, postJson } from "../support/worker/app.ts";
import {
  addressOf,
  type JsonSchema,
  type Operation,
  operationsOf,
  readDocument,
} from "../support/worker/document.ts";
import { aForm, aSubmission, storeInquiry } from "../support/worker/factories.ts";
import { appWithMetrics, METRICS_TOKEN } from "../support/worker/metrics.ts";
import { appWith } from "../support/worker/own-app.ts";
import { knock } from "../support/worker/sockets.ts";

const document = await readDocument();
const operations = operationsOf(document);

type Call = (operation: Operation) => Promise<Response>;

const withToken =
  (who: Parameters<typeof as>[0], query = ""): Call =>
  (operation) =>
    call(addressOf(operation) + query, { headers: as(who) });
const forAnImage: Call = (operation) =>
  call(addressOf(operation), { headers: { ...as("owner"), accept: "image/png" } });
const withoutToken: Call = (operation) => call(addressOf(operation));
const misconfigured: Call = (operation) =>
  appWith({ SIGNING_KEY: "" }).call(addressOf(operation), { method: operation.method });

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const withMetrics = (token: string) => () =>
  appWithMetrics().call("//metrics", { headers: bearer(token) });

const submit = "/inquiries/submit";
const replayed = async () => {
  const submission = aSubmission();
  await postJson(submit, submission);
  return postJson(submit, submission);
};
const reusedKey = async () => {
  const key = { "idempotency-key": crypto.randomUUID() };
  await postJson(submit, aSubmission(), key);
  return postJson(submit, aSubmission(), key);
};

/** For every operation, what makes it answer with each status that it documents. */
const CALLS: Readonly<Record<string, Readonly<Record<number, readonly Call[]>>>> = {
  healthz: { 200: [() => call("//healthz")] },
  readyz: { 200: [() => call("//readyz")], 503: [misconfigured] },
  metrics: {
    200: [withMetrics(METRICS_TOKEN)],
    401: [() => appWithMetrics().call("//metrics"), withMetrics("wrong")],
    404: [() => call("//metrics")],
    503: [misconfigured],
  },
  submitInquiry: {
    200: [() => postForm(submit, aForm())],
    201: [
      () => postJson(submit, aSubmission({ metadata: { a: "b" } })),
      () => postForm(submit, aForm(), { accept: "*/*" }),
      replayed,
    ],
    303: [() => postForm(submit, aForm({ _redirect: "https://www.shop.test/thanks" }))],
    400: [
      () => postJson(submit, "{"),
      () => postJson(submit, aSubmission(), { "idempotency-key": "a b" }),
    ],
    413: [() => postJson(submit, " ".repeat(70_000))],
    415: [() => call(submit, { method: "POST", body: "name=Ada" })],
    422: [() => postJson(submit, {}), reusedKey],
    503: [misconfigured],
  },
  listInquiries: {
    200: [withToken("owner", "?limit=1"), withToken("cashier", "?status=NEW&status=RESOLVED")],
    400: [withToken("owner", "?cursor=forged")],
    401: [withoutToken, withToken("foreign")],
    403: [withToken("visitor")],
    406: [forAnImage],
    422: [withToken("owner", "?limit=0")],
    503: [misconfigured],
  },
  getInquiry: {
    200: [
      async () => call(`/inquiries/${await storeInquiry()}`, { headers: as("owner") }),
      async () =>
        call(`/inquiries/${await storeInquiry({ phone: "1", firstHandledAt: new Date() })}`, {
          headers: as("cashier"),
        }),
    ],
    400: [() => call("/inquiries/abc", { headers: as("owner") })],
    401: [withoutToken, withToken("expired")],
    403: [withToken("visitor")],
    404: [() => call("/inquiries/1", { headers: as("owner") })],
    406: [forAnImage],
    503: [misconfigured],
  },
  observeRoom: {
    101: [
      () => knock("inquiries", { ...as("owner"), "sec-websocket-protocol": "outreach.v1" }),
      () => knock("inquiries", as("cashier")),
    ],
    401: [withoutToken],
    403: [
      () => knock("operations", as("cashier")),
      () => knock("inquiries", { ...as("owner"), origin: "https://evil.test" }),
    ],
    404: [() => knock("attic", as("owner"))],
    426: [withToken("owner")],
    503: [misconfigured],
  },
};

/** What any answer may carry without the document saying so. */
const GENERIC_HEADERS =
  /^(cache-control|content-(type|length|security-policy)|permissions-policy|vary|access-control-.*|cross-origin-.*|origin-agent-cluster|referrer-policy|strict-transport-security|x-(content-type-options|dns-prefetch-control|download-options|frame-options|permitted-cross-domain-policies|xss-protection))$/;

/** The same schema, in which objects hold what is listed and nothing else. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== "object" || schema === null) return schema;
  const copy = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, closed(value)]),
  );
  return "properties" in copy ? { additionalProperties: false, ...copy } : copy;
}

/** What is wrong with `value`, nothing when it fits. */
function misfits(schema: JsonSchema, value: unknown): string[] {
  const whole = { ...(closed(schema) as Schema), components: closed(document.components) };
  const { errors } = new Validator(whole, "2020-12", false).validate(value);
  return errors.map(({ instanceLocation, error }) => `${instanceLocation} ${error}`);
}

/** Every schema with an example, wherever it stands in the document. */
function schemasWithExamples(node: unknown, at = "#"): [string, JsonSchema][] {
  if (typeof node !== "object" || node === null) return [];
  const own: [string, JsonSchema][] =
    "example" in node && ("type" in node || "$ref" in node) ? [[at, node as JsonSchema]] : [];
  return own.concat(
    Object.entries(node).flatMap(([key, child]) => schemasWithExamples(child, `${at}/${key}`)),
  );
}

/** Whether a caller can see what it looks like: an example in it, or only one value that fits. */
function isIllustrated(schema: JsonSchema): boolean {
  const text = JSON.stringify(schema);
  if (/"example"|"enum":\["[^"]*"\]|text\/html/.test(text)) return true;
  const refs = [...text.matchAll(/#\/components\/schemas\/(\w+)/g)].map(([, name = ""]) => name);
  return refs.some((name) => isIllustrated(document.components.schemas[name] ?? {}));
}

describe("the OpenAPI document", () => {
  it("is 3.1, with operation ids that are unique and schemas that exist", () => {
    expect(document.openapi).toMatch(/^3\.1\./);
    const ids = operations.map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(ids.filter((id) => /^[a-z][A-Za-z]+$/.test(id)));
    const refs = JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g);
    for (const [, name = ""] of refs)
      expect(Object.keys(document.components.schemas)).toContain(name);
    expect(Object.keys(document.components.securitySchemes).sort()).toEqual(["bearer", "scraper"]);
  });

  it.each(operations)("describes $operationId whole", (operation) => {
    expect(operation.tags).toHaveLength(1);
    expect(operation.summary).toBeTruthy();
    const inPath = [...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    const parameters = operation.parameters ?? [];
    expect(parameters.filter((one) => one.in === "path").map(({ name }) => name)).toEqual(inPath);
    for (const { name, schema } of parameters) {
      expect(`${name} ${isIllustrated(schema)}`).toBe(`${name} true`);
    }
    for (const [status, { description, content }] of Object.entries(operation.responses)) {
      expect(`${status} ${description}`).toMatch(/^\d{3} \S/);
      for (const [type, { schema }] of Object.entries(content ?? {})) {
        if (type === "text/html") continue;
        expect(`${status} ${isIllustrated(schema)}`).toBe(`${status} true`);
      }
    }
    for (const { schema } of Object.values(operation.requestBody?.content ?? {})) {
      expect(isIllustrated(schema)).toBe(true);
    }
  });

  it.each(schemasWithExamples(document))("gives an example that fits at %s", (_at, schema) => {
    expect(misfits(schema, schema["example"])).toEqual([]);
  });

  it("accepts what the service accepts, and not what it refuses", () => {
    const schema = { $ref: "#/components/schemas/InquirySubmission" };
    expect(misfits(schema, aSubmission({ email: "ada+wight@exämple.com" }))).toEqual([]);
    expect(misfits(schema, aSubmission({ email: "nobody" }))).not.toEqual([]);
    expect(misfits(schema, aSubmission({ unknown: 1 }))).not.toEqual([]);
    expect(misfits(schema, {})).not.toEqual([]);
  });
});

describe.each(operations)("$operationId", (operation) => {
  const calls = CALLS[operation.operationId] ?? {};

  it("is called for every status that it documents", () => {
    const documented = Object.keys(operation.responses).filter((status) => status !== "500");
    expect(Object.keys(calls)).toEqual(documented.sort());
  });

  it.each(Object.entries(calls))("answers %s as documented", async (status, ways) => {
    const documented = operation.responses[status];
    const listed = Object.keys(documented?.headers ?? {}).map((name) => name.toLowerCase());
    const seen = new Set<string>();
    for (const way of ways) {
      const answer = await way(operation);
      expect(String(answer.status)).toBe(status);
      for (const [name] of answer.headers) if (!GENERIC_HEADERS.test(name)) seen.add(name);
      const text = answer.webSocket ? "" : await answer.text();
      const type = (answer.headers.get("content-type") ?? "none").split(";")[0] ?? "";
      expect(Object.keys(documented?.content ?? { none: "" })).toContain(type);
      const schema = documented?.content?.[type]?.schema;
      if (schema !== undefined && type.endsWith("json")) {
        expect(misfits(schema, JSON.parse(text))).toEqual([]);
      }
      answer.webSocket?.accept();
      answer.webSocket?.close();
    }
    expect([...seen].sort()).toEqual(listed.sort());
  });
});
