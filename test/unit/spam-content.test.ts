import { describe, expect, it } from "vitest";
import { contentReasons } from "../../src/intake/spam-content.ts";
import { fastestOf } from "../support/fastest.ts";

const blocked = new Set(["bad.test"]);
const reasonsOf = (text: string) =>
  contentReasons({ name: "Ada", email: "ada@example.com", texts: [text] }, blocked);

describe("a link to a blocked domain", () => {
  it.each([
    "https://bad.test",
    "http://shop.BAD.test./offer",
    "www.bad.test!",
    `http://${"someone".repeat(500)}@bad.test/`,
    `http://${"a.".repeat(5_000)}bad.test`,
  ])("is found in %.40s", (text) => {
    expect(reasonsOf(text)).toEqual(["blocked_domain"]);
  });

  it.each(["https://notbad.test", "bad.test", "https://good.test/?bad.test"])(
    "is not found in %s",
    (text) => {
      expect(reasonsOf(text)).toEqual([]);
    },
  );

  it.each([`http://${"a.".repeat(9_990)}de`, `http://${".".repeat(19_990)}x`])(
    "is looked for in no time, however its host is made: %.20s",
    (text) => {
      expect(fastestOf(5, () => expect(reasonsOf(text)).toEqual([]))).toBeLessThan(100);
    },
  );
});
