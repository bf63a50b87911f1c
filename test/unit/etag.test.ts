import { describe, expect, it } from "vitest";
import { etagOf, readIfMatch } from "../../src/http/etag.ts";

describe("If-Match", () => {
  it.each([
    [undefined, undefined],
    ["*", undefined],
    [" * ", undefined],
    [etagOf(3), [3]],
    ['"v1" ,\t"v2","v10"', [1, 2, 10]],
    ['"other", "v2"', [2]],
    ['W/"v1", "v2"', [1, 2]],
    ['W/"v1"', [1]],
    ['w/"v1"', []],
    ["v1", []],
    ['"v1', []],
    ['"v-1"', []],
    ['"v1234567890"', []],
    ["", []],
  ])("%s accepts the versions %j", (header, versions) => {
    expect(readIfMatch(header)).toEqual(versions);
  });
});
