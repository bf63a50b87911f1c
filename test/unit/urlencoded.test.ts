import { describe, expect, it } from "vitest";
import { readUrlencoded } from "../../src/http/urlencoded.ts";

const encoder = new TextEncoder();
const fieldsOf = (body: string | Uint8Array) => {
  const bytes = typeof body === "string" ? encoder.encode(body) : body;
  return [...readUrlencoded(bytes.slice().buffer as ArrayBuffer)];
};

describe("a urlencoded form", () => {
  it.each<[string, [string, string][]]>([
    ["", []],
    ["&&", []],
    ["a", [["a", ""]]],
    ["=b", [["", "b"]]],
    [
      "a=b=c&a=",
      [
        ["a", "b=c"],
        ["a", ""],
      ],
    ],
    ["a+b=c%20d%2Be", [["a b", "c d+e"]]],
    [
      "a=50%+off&b=%zz&c=%",
      [
        ["a", "50% off"],
        ["b", "%zz"],
        ["c", "%"],
      ],
    ],
    ["n=M%C3%BCller+%F0%9F%98%80", [["n", "Müller 😀"]]],
    ["n=Müller", [["n", "Müller"]]],
  ])("%s is read by the URL standard", (body, fields) => {
    expect(fieldsOf(body)).toEqual(fields);
  });

  it("loses no character that a page in an encoding of old sends", () => {
    expect(fieldsOf("n=M%FCller&m=%80+5%+%93cash%94")).toEqual([
      ["n", "Müller"],
      ["m", "€ 5% “cash”"],
    ]);
    expect(fieldsOf(Uint8Array.of(0x6e, 0x3d, 0x4d, 0xfc))).toEqual([["n", "Mü"]]);
  });
});
