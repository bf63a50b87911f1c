import { sql } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { exportResponse } from "../../src/http/export.ts";
import { as, call, database } from "../support/worker/app.ts";
import { anInquiry, codeOf, get, patchJson } from "../support/worker/desk.ts";

const linesOf = (text: string) => text.split("\n").filter((line) => line !== "");

describe("the export", () => {
  it("is CSV with every status, a name and a byte order mark", async () => {
    const source = crypto.randomUUID();
    const { id } = await anInquiry({ source, message: 'A "quoted", line\nand another' });
    const spam = await anInquiry({ source });
    await patchJson(`/inquiries/${spam.id}`, { status: "CANCELLED" });
    const answer = await get(`/inquiries/export?source=${source}&order=oldest`, "owner");
    expect(answer.headers.get("content-type")).toContain("text/csv");
    expect(answer.headers.get("content-disposition")).toMatch(
      /^attachment; filename="inquiries-\d{4}-\d\d-\d\d\.csv"$/,
    );
    const bytes = await answer.bytes();
    expect([...bytes.slice(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    const text = new TextDecoder().decode(bytes);
    const records = text.split("\r\n");
    expect(records[0]).toMatch(/^id,status,submittedAt,name,email,/);
    expect(records[1]).toContain(`${id},NEW,`);
    expect(records[1]).toContain('"A ""quoted"", line\nand another"');
    expect(records[2]).toContain(`${spam.id},CANCELLED,`);
    expect(records).toHaveLength(4);
  });

  it("neutralises what a spreadsheet would run", async () => {
    const source = crypto.randomUUID();
    const formulas = ["=1+1", "+1", "-1", "@SUM(A1)", "＝1"];
    for (const subject of formulas) await anInquiry({ source, subject, name: subject });
    const text = await (await get(`/inquiries/export?source=${source}`, "owner")).text();
    for (const cell of formulas) expect(text).toContain(`,'${cell},`);
    expect(text).not.toMatch(/(^|,|")[=+@-]/m);
  });

  it("is NDJSON when that is asked for, by the parameter or by Accept", async () => {
    const source = crypto.randomUUID();
    const { id } = await anInquiry({ source, subject: "=1+1" });
    const path = `/inquiries/export?source=${source}`;
    for (const answer of [
      await get(`${path}&format=ndjson`, "owner", { accept: "text/csv" }),
      await get(path, "owner", { accept: "application/x-ndjson" }),
    ]) {
      expect(answer.headers.get("content-type")).toBe("application/x-ndjson");
      const rows = linesOf(await answer.text()).map((line) => JSON.parse(line));
      expect(rows).toMatchObject([{ id, subject: "=1+1" }]);
    }
    const other = get(path, "owner", { accept: "application/pdf" });
    expect(await codeOf(other, 406)).toBe("not_acceptable");
  });

  it("is for who may export", async () => {
    for (const who of ["employee", "cashier", "visitor"] as const) {
      expect(await codeOf(get("/inquiries/export", who), 403)).toBe("forbidden");
    }
  });

  it("holds every row once over several pages, none that came meanwhile", async () => {
    const source = crypto.randomUUID();
    await database().execute(sql`INSERT INTO inquiries
      (id, name, email, message, source, submission_key, content_hash, submitted_at)
      SELECT snowflake(10), 'n', 'e@example.com', 'm', ${source}, ${source} || n, '', now()
      FROM generate_series(1, 1200) AS n`);
    const answer = await call(`/inquiries/export?format=ndjson&order=oldest&source=${source}`, {
      headers: as("owner"),
    });
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
    const decoder = new TextDecoder();
    let text = decoder.decode((await reader.read()).value, { stream: true });
    const late = await anInquiry({ source });
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      text += decoder.decode(value, { stream: true });
    }
    const ids = linesOf(text).map((line) => JSON.parse(line).id as string);
    expect(ids).toHaveLength(1200);
    expect(new Set(ids).size).toBe(1200);
    expect(ids).not.toContain(late.id);
  });

  it("asks the database for nothing more once the reader has gone away", async () => {
    let pages = 0;
    const answer = exportResponse<number>({
      format: "ndjson",
      filename: "endless",
      columns: [],
      nextPage: async () => [pages++],
      onFailure: () => {},
    });
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
    await reader.read();
    await reader.read();
    await reader.cancel();
    const asked = pages;
    await new Promise<void>((resolve) => queueMicrotask(resolve));
    expect(asked).toBeLessThanOrEqual(3);
    expect(pages).toBe(asked);
  });
});
