import { describe, expect, it } from "vitest";
import { emailKey } from "../../src/db/email-key.ts";

describe("the key of an e-mail address", () => {
  it.each([
    [" Ada@EXAMPLE.com ", "ada@example.com"],
    ["ada@Bücher.example", "ada@xn--bcher-kva.example"],
    ["ada@xn--bcher-kva.example", "ada@xn--bcher-kva.example"],
    ["ada+news@example.com", "ada+news@example.com"],
  ])("is the same for every way of writing %s", (email, key) => {
    expect(emailKey(email)).toBe(key);
  });

  it.each(["ada@example%2Ecom", "ada@example.com:25", "ada@example.com/", "ada@[192.0.2.1]"])(
    "is never another address's: %s",
    (email) => {
      expect(emailKey(email)).toBe(email.toLowerCase());
    },
  );
});
