import { describe, expect, it } from "vitest";
import { csvLine } from "../../src/http/export.ts";

describe("a CSV record", () => {
  it.each([
    ["=1+1", "'=1+1"],
    ["+44 20", "'+44 20"],
    ["-1", "'-1"],
    ["@cmd", "'@cmd"],
    ["\tx", "'\tx"],
    ["\rx", `"'\rx"`],
    ["\nx", `"'\nx"`],
    ["＝1", "'＝1"],
    ["a=1", "a=1"],
    ['say "hi"', '"say ""hi"""'],
    ["a,b", '"a,b"'],
    ['=HYPERLINK("x","y")', `"'=HYPERLINK(""x"",""y"")"`],
    ["", ""],
    [null, ""],
    [7, "7"],
    [["a", "b"], '"[""a"",""b""]"'],
    [{ k: "=1" }, '"{""k"":""=1""}"'],
  ])("writes %j as %j", (value, cell) => {
    expect(csvLine([value])).toBe(`${cell}\r\n`);
  });

  it("parts its cells by commas", () => {
    expect(csvLine(["a", 1, null, "b"])).toBe("a,1,,b\r\n");
  });
});
