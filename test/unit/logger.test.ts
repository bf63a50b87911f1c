import { describe, expect, it, vi } from "vitest";
import { createLogger, type LogLevel } from "../../src/telemetry/logger.ts";

function aLogger(level: LogLevel, fields = {}) {
  const lines: string[] = [];
  const log = createLogger({ level, fields, write: (line) => lines.push(line) });
  return { log, lines };
}

describe("the logger", () => {
  it("writes one JSON object a line: time, level, message, what is bound, what is said", () => {
    const { log, lines } = aLogger("info", { requestId: "r-1" });
    log.warn("Inquiry SENT", { inquiryId: "7", rooms: ["inquiries"], durationMs: 3 });
    expect(lines).toHaveLength(1);
    const line = JSON.parse(lines[0] ?? "");
    expect(Object.keys(line)).toEqual([
      "time",
      "level",
      "message",
      "requestId",
      "inquiryId",
      "rooms",
      "durationMs",
    ]);
    expect(line).toMatchObject({ level: "warn", requestId: "r-1", rooms: ["inquiries"] });
    expect(line.time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it("keeps a message with line ends on one line", () => {
    const { log, lines } = aLogger("info");
    log.info('a\nb"}\r\n{"level":"error"', { field: "c\u2028\nd" });
    expect(lines[0]).not.toMatch(/[\r\n]/);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ level: "info", field: "c\u2028\nd" });
  });

  it.each<[LogLevel, LogLevel[]]>([
    ["debug", ["debug", "info", "warn", "error"]],
    ["info", ["info", "warn", "error"]],
    ["warn", ["warn", "error"]],
    ["error", ["error"]],
  ])("at %s writes %j", (threshold, written) => {
    const { log, lines } = aLogger(threshold);
    for (const level of ["debug", "info", "warn", "error"] as const) log[level]("x");
    expect(lines.map((line) => JSON.parse(line).level)).toEqual(written);
  });

  it("writes to standard output unless told otherwise", () => {
    const spy = vi.spyOn(console, "log").mockImplementation(() => {});
    createLogger({ level: "info" }).info("here");
    const line = spy.mock.calls[0]?.[0];
    spy.mockRestore();
    expect(JSON.parse(line)).toMatchObject({ message: "here" });
  });
});
