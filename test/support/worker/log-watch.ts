import { afterAll, beforeAll, expect } from "vitest";
import { REDACTED, redact } from "../../../src/telemetry/redact.ts";
import { noteLeak } from "./said.ts";
import { typedByTests } from "./typed.ts";

/**
 * Reads every line that the Worker and its objects log while any test runs, and fails the file in
 * which one holds an e-mail address, a token, an IP address or something a visitor typed. A mark of
 * the redaction fails as well: it is the last line of defence, nothing is meant to reach it.
 */
const METHODS = ["debug", "log", "info", "warn", "error"] as const;

const real = METHODS.map((method) => [method, console[method]] as const);
const complaints: string[] = [];

beforeAll(() => {
  for (const [method, write] of real) {
    console[method] = (...values: unknown[]) => {
      write.apply(console, values);
      const [line] = values;
      // Only ours: the tools print too, and they do not write JSON.
      const ours = typeof line === "string" && line.startsWith('{"time":');
      if (ours) noteLeak("log line", line);
      const complaint = ours ? findComplaint(line) : undefined;
      if (complaint !== undefined) complaints.push(complaint);
    };
  }
});

afterAll(() => {
  Object.assign(console, Object.fromEntries(real));
  expect(complaints, "log lines that hold what no log may hold").toEqual([]);
});

/** What is wrong with a log line; nothing when it may be there. */
export function findComplaint(line: string): string | undefined {
  // The request id is the caller's own choice of letters and digits.
  const { time, requestId, ...rest } = JSON.parse(line) as Record<string, unknown>;
  if (typeof time !== "string" || !("level" in rest) || !("message" in rest)) {
    return `not in the form of a log line: ${line}`;
  }
  const text = JSON.stringify(rest);
  if (REDACTED.test(text)) return `had to be redacted: ${line}`;
  if (redact(text) !== text) return `address or token: ${line}`;
  const typed = typedByTests().find((value) => text.includes(value));
  return typed === undefined ? undefined : `typed by a visitor (${typed}): ${line}`;
}
