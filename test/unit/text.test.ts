import { describe, expect, it } from "vitest";
import { emailAddress, multiLine, singleLine } from "../../src/http/text.ts";
import { fastestOf } from "../support/fastest.ts";

describe("one line of text", () => {
  const line = singleLine(5);

  it.each([
    ["Ada", "Ada"],
    ["  Ada\n", "Ada"],
    ["山田 太郎", "山田 太郎"],
    ["👩‍🚀", "👩‍🚀"],
    ["12345", "12345"],
  ])("%j is stored as %j", (given, stored) => {
    expect(line.parse(given)).toBe(stored);
  });

  it.each([
    "",
    " \t\n",
    "123456",
    "a\nb",
    "a\rb",
    "a\tb",
    "a\0",
    "\0",
    "a\u0085b",
    "\u007f",
    "\ud800",
    "\udc00a",
    null,
    7,
    ["a"],
  ])("%j is refused", (given) => {
    expect(line.safeParse(given).success).toBe(false);
  });
});

describe("text of several lines", () => {
  const text = multiLine(10);

  it.each([
    ["a\r\nb\rc\nd", "a\nb\nc\nd"],
    ["\n a\tb \n", "a\tb"],
    ["0123456789", "0123456789"],
    [" 0123456789\r\n", "0123456789"],
  ])("%j is stored as %j", (given, stored) => {
    expect(text.parse(given)).toBe(stored);
  });

  it.each(["", "\r\n", "01234567890", "a\0b", "a\u001bb", "a\u0085b", "\ud83d"])(
    "%j is refused",
    (given) => {
      expect(text.safeParse(given).success).toBe(false);
    },
  );
});

describe("an e-mail address", () => {
  const email = emailAddress();

  it.each([
    "ada@example.com",
    "ada+wight@example.co.uk",
    "o'hara@example.com",
    "用户@例子.广告",
    "ada@[192.0.2.1]",
    "a@b",
  ])("may be %s", (given) => {
    expect(email.parse(` ${given} `)).toBe(given);
  });

  it.each([
    "ada@example.com.",
    "\u202aada@example.com\u202c",
    "\u200bada@example.com\ufeff",
    "ada@example.com. \u200e",
    "ada@exam\u00adple\u200b.com",
  ])("is ada@example.com when %j was pasted", (given) => {
    expect(email.parse(given)).toBe("ada@example.com");
  });

  it.each([
    ["ada＠example.com", "ada@example.com"],
    ["ada@example。com", "ada@example.com"],
    ["ada@ｅｘａｍｐｌｅ．ｃｏｍ｡", "ada@example.com"],
    ["jose\u0301@bu\u0308cher.example", "jos\u00e9@b\u00fccher.example"],
  ])("is written as mail is sent to it: %s", (given, written) => {
    expect(email.parse(given)).toBe(written);
  });

  it("is refused at once, however long the search for its end could take", () => {
    const given = `${". ".repeat(30_000)}x`;
    const milliseconds = fastestOf(5, () => expect(email.safeParse(given).success).toBe(false));
    expect(milliseconds).toBeLessThan(100);
  });

  it.each([
    "",
    "ada",
    "@example.com",
    "ada@.",
    "ada@",
    "ada@b@c",
    "ada byron@example.com",
    "ada@example.com\nBcc: all@example.com",
    "ada@example.com\u2028x",
    "<ada@example.com>",
    '"ada"@example.com',
    "ada\0@example.com",
    "\ud800@example.com",
    `${"a".repeat(65)}@example.com`,
    `ada@${"a".repeat(251)}`,
  ])("may not be %j", (given) => {
    expect(email.safeParse(given).success).toBe(false);
  });
});
