import { describe, expect, it } from "vitest";
import { Problem } from "../../src/http/problem.ts";
import { contentHash, contentKeys, readIdempotencyKey } from "../../src/intake/idempotency.ts";

describe("the Idempotency-Key header", () => {
  it.each([
    [undefined, undefined],
    ["abc", "abc"],
    ['"abc"', "abc"],
    ["  abc  ", "abc"],
    ["8e03978e-40d5-43dd-bc93-6894a57f9324", "8e03978e-40d5-43dd-bc93-6894a57f9324"],
    ["x".repeat(128), "x".repeat(128)],
    [`"${"x".repeat(128)}"`, "x".repeat(128)],
    ["!~#$&'()*+,-./:;<=>?@[]^_`{|}", "!~#$&'()*+,-./:;<=>?@[]^_`{|}"],
  ])("%s is the key %s", (header, key) => {
    expect(readIdempotencyKey(header)).toBe(key);
  });

  it.each([
    "",
    " ",
    '""',
    '"',
    '"abc',
    'abc"',
    'a"b',
    "a b",
    "a\\b",
    "a\tb",
    "a\u0000b",
    "clé",
    "x".repeat(129),
    "content.",
    '"content.1.x"',
  ])("%j is refused", (header) => {
    expect(() => readIdempotencyKey(header)).toThrow(Problem);
  });
});

describe("the fingerprint of a submission", () => {
  it("is the same for the same values and differs with any of them", async () => {
    const hashes = await Promise.all(
      [
        ["Ada", "a@b.c", undefined, { x: "1" }],
        ["Ada", "a@b.c", undefined, { x: "1" }],
        ["Ada", "a@b.c", undefined, { x: "2" }],
        ["Ada", "a@b.c", "x", { x: "1" }],
        ["Adaa@b.c", "", undefined, { x: "1" }],
        ["Ada", undefined, "a@b.c", { x: "1" }],
      ].map(contentHash),
    );
    expect(hashes[0]).toBe(hashes[1]);
    expect(new Set(hashes).size).toBe(5);
    expect(hashes[0]).toMatch(/^[\w-]{43}$/);
  });

  it("is the key for ten minutes, and one that no caller can send", () => {
    const key = (time: string) => contentKeys("hash", new Date(time)).key;
    expect(key("2026-11-22T09:30:00Z")).toBe(key("2026-11-22T09:39:59.999Z"));
    expect(key("2026-11-22T09:40:00Z")).not.toBe(key("2026-11-22T09:39:59.999Z"));
    expect(() => readIdempotencyKey(key("2026-11-22T09:30:00Z"))).toThrow(Problem);
  });
});
