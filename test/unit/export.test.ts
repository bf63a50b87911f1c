import { describe, expect, it } from "vitest";
import { exportResponse } from "../../src/http/export.ts";

/** An export of endless rows of so many characters, and the limits of the pages it has asked for. */
function anExport(characters: number) {
  const limits: number[] = [];
  const { body } = exportResponse({
    format: "ndjson",
    filename: "export",
    columns: [],
    nextPage: async (_last, limit) => {
      limits.push(limit);
      return Array.from({ length: limit }, () => "x".repeat(characters));
    },
    onFailure: (error) => expect.unreachable(String(error)),
  });
  return { limits, reader: (body as ReadableStream<Uint8Array>).getReader() };
}

describe("an export", () => {
  it("asks for no page before somebody reads, nor for one more than is read", async () => {
    const { limits, reader } = anExport(10);
    await scheduler.wait(0);
    expect(limits).toEqual([]);
    await reader.read();
    await scheduler.wait(0);
    expect(limits).toHaveLength(1);
    await reader.cancel();
  });

  it("takes more rows at once while they are short, and fewer when a page grows past a megabyte", async () => {
    const short = anExport(10);
    const long = anExport(20_000);
    for (const { reader } of [short, long]) {
      for (let page = 0; page < 5; page += 1) await reader.read();
      await reader.cancel();
    }
    expect(short.limits).toEqual([250, 500, 1_000, 2_000, 2_000]);
    expect(long.limits).toEqual([250, 52, 52, 52, 52]);
  });
});
