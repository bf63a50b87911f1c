import { describe, expect, it } from "vitest";
import { createLogger, type LogFields } from "../../src/telemetry/logger.ts";

/** What a logger makes of a message and its fields. */
function fieldsOf(message: string, fields: LogFields = {}): Record<string, unknown> {
  const lines: string[] = [];
  const log = createLogger({ level: "info", write: (line) => lines.push(line) });
  log.info(message, fields);
  return JSON.parse(lines[0] ?? "") as Record<string, unknown>;
}

describe("the redaction of the log", () => {
  it.each([
    ["ada@example.com", "[e-mail]"],
    ["mail from <ada.byron+x@shop.example.com>!", "mail from <[e-mail]>!"],
    ["δοκιμή@παράδειγμα.δοκιμή", "[e-mail]"],
    ["eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2ln-bmF0dXJl", "[token]"],
    ["Bearer abc.def", "Bearer [token]"],
    ["postgres://user:pass@db.example.com/outreach", "[address of the database]"],
    ["from 203.0.113.9 port 5", "from [address] port 5"],
    ["2001:db8::1", "[address]"],
    ["::1", "[address]"],
    ["fe80::", "[address]"],
    ["2001:db8:1:2:3:4:5:6", "[address]"],
    ["::ffff:203.0.113.9", "[address]"],
  ])("takes out %s", (text, expected) => {
    expect(fieldsOf(text)["message"]).toBe(expected);
    expect(fieldsOf("x", { error: text, list: [text] })).toMatchObject({
      error: expected,
      list: [expected],
    });
  });

  it.each([
    "2026-11-22T09:30:00.000Z",
    "    at handler (file:///index.js:123:45)",
    "content.2990304.mB3s0kQ9xYw1f3dWcXk2mJv8pTn6uRz4aLhEoIyKbGg",
    "4f1c0d66-0b1e-4c43-9a53-0c1d5c1f0e6e",
    "/v1/api/outreach/inquiries/:id",
    "249870643200008192",
    "version 1.2.3",
  ])("leaves %s alone", (text) => {
    expect(fieldsOf(text)["message"]).toBe(text);
  });
});
