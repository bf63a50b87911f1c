import { describe, expect, it } from "vitest";
import { redirectOfForm } from "../../src/http/form-post.ts";
import { submissionOfForm } from "../../src/inquiries/form.ts";
import { inquirySubmission } from "../../src/inquiries/schema.ts";
import { subscriptionOfForm } from "../../src/subscribers/form.ts";
import { newSubscription } from "../../src/subscribers/subscribe-schema.ts";

const typed = { name: "Ada", email: "ada@example.com", message: "Hello" };

function submissionOf(fields: Record<string, string>) {
  return inquirySubmission.parse(
    submissionOfForm(new Map(Object.entries({ ...typed, ...fields }))),
  );
}

describe("the submission that a form stands for", () => {
  it("has the known fields, and the others as metadata", () => {
    expect(submissionOf({ phone: "1", source: "footer", budget: " 500 " })).toEqual({
      ...typed,
      phone: "1",
      source: "footer",
      metadata: { budget: "500" },
    });
  });

  it("leaves out what is empty and what begins with an underscore", () => {
    expect(submissionOf({ subject: " \n", company: "", _gotcha: "x", _: "x", __x: "x" })).toEqual({
      ...typed,
      metadata: {},
    });
  });

  it("takes a field named metadata as any other", () => {
    expect(submissionOf({ metadata: "x" }).metadata).toEqual({ metadata: "x" });
  });

  it("stops at twenty fields and five hundred characters, without breaking one", () => {
    const many = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`field${i}`, "x"]));
    expect(Object.keys(submissionOf(many).metadata ?? {})).toHaveLength(20);
    expect(submissionOf({ a: "y".repeat(600) }).metadata).toEqual({ a: "y".repeat(500) });
    const cut = submissionOf({ a: `${"y".repeat(499)}😀` }).metadata?.["a"];
    expect(cut?.startsWith("y".repeat(499))).toBe(true);
    expect(cut?.isWellFormed()).toBe(true);
  });

  it.each([
    ["of many characters", "n".repeat(150), "n".repeat(100)],
    ["of several lines", "Your\r\ncompany", "Your company"],
    ["with space around it", " company ", "company"],
    ["like a property of every object", "constructor", "constructor"],
  ])("never loses a message to a field name %s", (_what, name, key) => {
    expect(submissionOf({ [name]: "x" }).metadata).toEqual({ [key]: "x" });
  });

  it("never leaves half a character of a field name", () => {
    const fields = new Map([[`${"n".repeat(99)}😀`, "x"]]);
    const [key = ""] = Object.keys(submissionOfForm(fields)["metadata"] ?? {});
    // Escaped: a lone surrogate cannot be reported.
    expect(JSON.stringify(key)).toBe(JSON.stringify(`${"n".repeat(99)}\ufffd`));
  });

  it.each([" ", "\n", "__proto__"])("leaves out a field named %j", (name) => {
    const fields = new Map([...Object.entries(typed), [name, "x"] as const]);
    expect(inquirySubmission.parse(submissionOfForm(fields)).metadata).toEqual({});
    expect(({} as Record<string, unknown>)["x"]).toBeUndefined();
  });
});

describe("what a page fills in unseen, which its visitor cannot correct,", () => {
  it.each([
    ["en-GB", "en-GB"],
    ["en_US", "en-US"],
    [" de ", "de"],
  ])("may be the locale %j", (locale, stored) => {
    expect(submissionOf({ locale })).toMatchObject({ locale: stored, metadata: {} });
  });

  it("is kept with the message when it is no locale", () => {
    expect(submissionOf({ locale: "en_US.UTF-8" })).toEqual({
      ...typed,
      metadata: { locale: "en_US.UTF-8" },
    });
  });

  it.each([
    ["source", "x".repeat(300), "x".repeat(200)],
    ["source", `${"x".repeat(199)} y`, "x".repeat(199)],
    ["source", "a\r\nb", "a b"],
  ])("never costs a message: %s", (name, given, stored) => {
    expect(submissionOf({ [name]: given })).toMatchObject({ [name]: stored });
  });

  it("never costs a message: a control character in another field", () => {
    expect(submissionOf({ notes: "a\vb\0c\r\nd" }).metadata).toEqual({ notes: "a b c\nd" });
  });

  it("never costs a subscriber", () => {
    const fields = {
      email: "ada@example.com",
      source: "s".repeat(300),
      locale: "en_US.UTF-8",
      page: `https://www.shop.test/${"p".repeat(600)}`,
      consent: "w".repeat(3_000),
    };
    const subscription = newSubscription.parse(subscriptionOfForm(new Map(Object.entries(fields))));
    expect(subscription).toEqual({
      email: "ada@example.com",
      source: "s".repeat(200),
      consent: { page: fields.page.slice(0, 500), wording: "w".repeat(2_000) },
    });
  });
});

describe("what nobody can see in what was typed", () => {
  it("is left out, such as the controls in a text that was copied from elsewhere", () => {
    expect(
      submissionOf({ name: "Ada\tByron", message: "One\u000bTwo\fThree\u0002\tFour\nFive" }),
    ).toMatchObject({ name: "Ada Byron", message: "One Two Three \tFour\nFive" });
  });

  it.each(["name", "email", "subject"])("is never a second line in the field %s", (name) => {
    const fields = new Map(Object.entries({ ...typed, [name]: "a\r\nBcc: b@example.com" }));
    expect(inquirySubmission.safeParse(submissionOfForm(fields)).success).toBe(false);
  });
});

describe("where a form leads", () => {
  const allowed = new Set(["https://www.shop.test", "http://localhost:8787"]);
  const redirectOf = (target: string) => redirectOfForm(new Map([["_redirect", target]]), allowed);

  it.each([
    "https://www.shop.test/thanks?a=b#c",
    "http://localhost:8787/",
    "https://www.shop.test/?next=https://evil.test",
  ])("is %s", (target) => {
    expect(redirectOf(target)).toBe(target);
  });

  it.each([
    "",
    "/thanks",
    "//www.shop.test/",
    "https://evil.test/",
    "https://www.shop.test.evil.test/",
    "https://www.shop.test@evil.test/",
    "https://www.shop.test:444/",
    "javascript:alert(1)",
    "blob:https://www.shop.test/1",
    "filesystem:https://www.shop.test/1",
    "ws://www.shop.test/",
  ])("is not %j", (target) => {
    expect(redirectOf(target)).toBeUndefined();
  });

  it("is nowhere when the form does not say", () => {
    expect(redirectOfForm(new Map(), allowed)).toBeUndefined();
  });
});
