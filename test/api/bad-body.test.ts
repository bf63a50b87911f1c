import { count, eq } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { inquiries } from "../../src/db/schema.ts";
import type { ProblemCode } from "../../src/http/problem.ts";
import { call, database } from "../support/worker/app.ts";
import { anAddress, aSubmission } from "../support/worker/factories.ts";
import { appWith } from "../support/worker/own-app.ts";
import { expectProblem, valueErrors } from "../support/worker/problems.ts";

const LIMIT = 64 * 1024;
const JSON_TYPE = { "content-type": "application/json" };
const FORM_TYPE = { "content-type": "application/x-www-form-urlencoded" };

/** Everything in this file comes from one client, so that what it left behind can be counted. */
const client = { "cf-connecting-ip": anAddress() };

function post(body: BodyInit | null, headers: Record<string, string> = JSON_TYPE) {
  return call("/inquiries/submit", { method: "POST", body, headers: { ...client, ...headers } });
}

/** JSON text as it is: some of these values have no other way to be written. */
const withField = (field: string, json: string) =>
  JSON.stringify(aSubmission()).replace(/}$/, `,"${field}":${json}}`);

/** A body of exactly so many bytes: white space at the end of JSON counts and means nothing. */
const ofBytes = (bytes: number, submission = aSubmission()) =>
  JSON.stringify(submission).padEnd(bytes, " ");

function streamed(text: string) {
  return new Blob([text]).stream();
}

describe("a body that cannot be read", () => {
  it.each<[string, BodyInit | null, Record<string, string>, number, ProblemCode]>([
    ["nothing at all as JSON", null, JSON_TYPE, 400, "malformed_json"],
    ["empty JSON", "", JSON_TYPE, 400, "malformed_json"],
    ["truncated JSON", '{"name":"Ada', JSON_TYPE, 400, "malformed_json"],
    ["two JSON values", "{}{}", JSON_TYPE, 400, "malformed_json"],
    ["JSON with a comment", "{/**/}", JSON_TYPE, 400, "malformed_json"],
    ["JSON NaN", '{"name":NaN}', JSON_TYPE, 400, "malformed_json"],
    ["invalid UTF-8", new Uint8Array([0x22, 0xc3, 0x28, 0x22]), JSON_TYPE, 400, "malformed_json"],
    ["UTF-16", new Uint8Array([0xff, 0xfe, 0x7b, 0, 0x7d, 0]), JSON_TYPE, 400, "malformed_json"],
    ["brackets that never close", "[".repeat(60_000), JSON_TYPE, 400, "malformed_json"],
    [
      "multipart without a boundary",
      "--x\r\n",
      { "content-type": "multipart/form-data" },
      400,
      "malformed_body",
    ],
    [
      "a form in an encoding that it is not in",
      "name=Ada",
      { "content-type": "application/x-www-form-urlencoded; charset=utf-16" },
      400,
      "malformed_body",
    ],
    [
      "multipart that ends early",
      '--x\r\ncontent-disposition: form-data; name="name"\r\n\r\nAda',
      { "content-type": "multipart/form-data; boundary=x" },
      400,
      "malformed_body",
    ],
    ["no content type", new Uint8Array([0x7b, 0x7d]), {}, 415, "unsupported_media_type"],
    ["plain text", "{}", { "content-type": "text/plain" }, 415, "unsupported_media_type"],
    ["XML", "<name/>", { "content-type": "application/xml" }, 415, "unsupported_media_type"],
    [
      "a type that only begins like JSON",
      "{}",
      { "content-type": "application/json-seq" },
      415,
      "unsupported_media_type",
    ],
    [
      "70 KiB that claim to be ten bytes",
      ofBytes(70 * 1024),
      { ...JSON_TYPE, "content-length": "10" },
      413,
      "body_too_large",
    ],
    ["70 KiB without a length", streamed(ofBytes(70 * 1024)), JSON_TYPE, 413, "body_too_large"],
    ["one byte more than 64 KiB", ofBytes(LIMIT + 1), JSON_TYPE, 413, "body_too_large"],
    ["70 KiB of escapes", "%41".repeat(70 * 1024), FORM_TYPE, 413, "body_too_large"],
    ["what only begins like escapes", "%".repeat(200 * 1024), FORM_TYPE, 413, "body_too_large"],
    ["70 KiB of form", `name=${"x".repeat(70 * 1024)}`, FORM_TYPE, 413, "body_too_large"],
  ])("%s", async (_what, body, headers, status, code) => {
    await expectProblem(await post(body, headers), status, code);
  });

  it("is no failure of ours when it is cut off", async () => {
    let pulled = 0;
    const cut = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled += 1;
        if (pulled > 2) controller.error(new Error("Network connection lost."));
        else controller.enqueue(new Uint8Array(10));
      },
    });
    const answer = await appWith().call("/inquiries/submit", {
      method: "POST",
      headers: JSON_TYPE,
      body: cut,
    });
    await expectProblem(answer, 400, "malformed_body");
  });

  it("is not read past the limit", async () => {
    let pulled = 0;
    let cancelled = false;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled += 1;
        controller.enqueue(new Uint8Array(1024));
      },
      cancel() {
        cancelled = true;
      },
    });
    const answer = await appWith().call("/inquiries/submit", {
      method: "POST",
      headers: JSON_TYPE,
      body: endless,
    });
    await expectProblem(answer, 413, "body_too_large");
    expect(cancelled).toBe(true);
    expect(pulled).toBeLessThan(70);
  });
});

describe("a body with values that do not fit", () => {
  const deep = `${"[".repeat(20_000)}${"]".repeat(20_000)}`;
  it.each<[string, string, Record<string, string>]>([
    ["an array", "[]", { "": "invalid_type" }],
    ["null", "null", { "": "invalid_type" }],
    ["a number", "7", { "": "invalid_type" }],
    ["a string", '"{}"', { "": "invalid_type" }],
    ["arrays, 20,000 deep", deep, { "": "invalid_type" }],
    ["a field that is 20,000 deep", withField("message", deep), { "/message": "invalid_type" }],
    ["an unknown field, 20,000 deep", withField("more", deep), { "/more": "unknown_field" }],
    ["a number beyond range", withField("name", "1e999"), { "/name": "invalid_type" }],
    ["a number of 400 digits", withField("phone", "9".repeat(400)), { "/phone": "invalid_type" }],
    ["null for an optional field", withField("phone", "null"), { "/phone": "invalid_type" }],
    ["__proto__", withField("__proto__", '{"a":1}'), { "/__proto__": "unknown_field" }],
    ["constructor", withField("constructor", "{}"), { "/constructor": "unknown_field" }],
    ["NUL in the message", withField("message", '"a\\u0000b"'), { "/message": "custom" }],
    ["NUL in the name", withField("name", '"a\\u0000b"'), { "/name": "custom" }],
    ["NUL in the e-mail", withField("email", '"a\\u0000@b.c"'), { "/email": "invalid_format" }],
    ["NUL in metadata", withField("metadata", '{"a":"\\u0000"}'), { "/metadata/a": "custom" }],
    [
      "NUL in a metadata key",
      withField("metadata", '{"a\\u0000":"b"}'),
      { "/metadata/a\0": "invalid_key" },
    ],
    [
      "a lone surrogate in the message",
      withField("message", '"\\ud800"'),
      { "/message": "custom" },
    ],
    ["a lone surrogate in the name", withField("name", '"a\\udc00"'), { "/name": "custom" }],
    [
      "a lone surrogate in metadata",
      withField("metadata", '{"a":"\\ud800"}'),
      { "/metadata/a": "custom" },
    ],
    ["CR in the name", withField("name", '"Ada\\rBcc: all"'), { "/name": "custom" }],
    ["LF in the name", withField("name", '"Ada\\nBcc: all"'), { "/name": "custom" }],
    ["CR LF in the subject", withField("subject", '"a\\r\\nb"'), { "/subject": "custom" }],
    ["white space as the name", withField("name", '"   "'), { "/name": "too_small" }],
    ["a name of 201", withField("name", `"${"x".repeat(201)}"`), { "/name": "too_big" }],
    [
      "a message of 20,001",
      withField("message", `"${"x".repeat(20_001)}"`),
      { "/message": "too_big" },
    ],
    [
      "a locale that is none",
      withField("locale", '"english please"'),
      { "/locale": "invalid_format" },
    ],
    [
      "metadata of 21 keys",
      withField(
        "metadata",
        JSON.stringify(Object.fromEntries([..."abcdefghijklmnopqrstu"].map((k) => [k, "1"]))),
      ),
      { "/metadata": "custom" },
    ],
    [
      "metadata of 501",
      withField("metadata", `{"a":"${"x".repeat(501)}"}`),
      { "/metadata/a": "too_big" },
    ],
    [
      "metadata that nests",
      withField("metadata", '{"a":{"b":"c"}}'),
      { "/metadata/a": "invalid_type" },
    ],
  ])("%s", async (_what, body, errors) => {
    const problem = await expectProblem(await post(body), 422, "validation_failed");
    expect(valueErrors(problem)).toEqual(errors);
  });

  it.each([
    ["nothing", ""],
    ["NUL", `name=a%00b&email=a%40b.c&message=${crypto.randomUUID()}`],
    ["percent signs that mean nothing", "name=%ZZ&email=%&message=%4"],
    ["CR LF in the name", `name=a%0D%0Ab&email=a%40b.c&message=${crypto.randomUUID()}`],
  ])("a form with %s", async (_what, body) => {
    await expectProblem(await post(body, FORM_TYPE), 422, "validation_failed");
  });
});

describe("after all that", () => {
  it("nothing is stored but the one good body, of exactly 64 KiB", async () => {
    const submission = aSubmission();
    expect((await post(ofBytes(LIMIT, submission))).status).toBe(201);
    const db = database();
    const [row] = await db.select().from(inquiries).where(eq(inquiries.email, submission.email));
    expect(row?.clientHash).toBeTruthy();
    const [stored] = await db
      .select({ rows: count() })
      .from(inquiries)
      .where(eq(inquiries.clientHash, row?.clientHash ?? ""));
    expect(stored?.rows).toBe(1);
  });
});
