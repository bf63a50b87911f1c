import { type Schema, Validator } from "@cfworker/json-schema";
import { describe, expect, it } from "vitest";
import { CALLS } from "../support/worker/contract-calls.ts";
import { type JsonSchema, operationsOf, readDocument } from "../support/worker/document.ts";
import { aSubmission } from "../support/worker/factories.ts";

const document = await readDocument();
const operations = operationsOf(document);

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
      for (const [name] of answer.headers) {
        if (!GENERIC_HEADERS.test(name) || listed.includes(name)) seen.add(name);
      }
      const text = answer.webSocket ? "" : await answer.text();
      const type = (answer.headers.get("content-type") ?? "none").split(";")[0] ?? "";
      expect(Object.keys(documented?.content ?? { none: "" })).toContain(type);
      const schema = documented?.content?.[type]?.schema;
      if (schema !== undefined && /^application\/(problem\+)?json$/.test(type)) {
        expect(misfits(schema, JSON.parse(text))).toEqual([]);
      }
      answer.webSocket?.accept();
      answer.webSocket?.close();
    }
    expect([...seen].sort()).toEqual(listed.sort());
  });
});
