import { describe, expect, it } from "vitest";
import { findComplaint } from "../support/worker/log-watch.ts";
import { rememberTyped } from "../support/worker/typed.ts";

const line = (fields: object) =>
  JSON.stringify({ time: "2026-11-22T09:30:00.000Z", level: "info", message: "m", ...fields });

describe("the watch over the log", () => {
  it.each([
    ["an e-mail address", { error: "ada@example.com" }],
    ["an IPv4 address", { client: "203.0.113.9" }],
    ["an IPv6 address", { client: "2001:db8::9" }],
    ["a token", { token: "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2ln" }],
    ["a mark of the redaction", { error: "[e-mail]" }],
    ["a line that is in no form", { level: undefined }],
  ])("complains about %s", (_name, fields) => {
    expect(findComplaint(line(fields))).toBeDefined();
  });

  it("complains about what a test typed into a form", () => {
    rememberTyped(JSON.stringify({ message: 'Do you "deliver" on Mars?' }));
    expect(findComplaint(line({ error: 'near "Do you "deliver" on Mars?"' }))).toMatch(/typed/);
  });

  it("has nothing against an ordinary line", () => {
    expect(findComplaint(line({ requestId: "r", route: "/v1/inquiries/:id" }))).toBeUndefined();
  });
});
