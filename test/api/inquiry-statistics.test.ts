import { sql } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import type { InquiryCounts, InquiryStatistics } from "../../src/inquiries/statistics-schema.ts";
import { database } from "../support/worker/app.ts";
import { bodyOf, codeOf, get, patchJson, send } from "../support/worker/desk.ts";

/** Stretches of time that no other test writes to, each some days long. */
let nextYear = 2001;
const aYear = () => String(nextYear++);

/** Inquiries submitted at these times. @returns their ids */
async function submittedAt(times: readonly string[], changes: { source?: string } = {}) {
  const ids: string[] = [];
  for (const time of times) {
    const { rows } = await database().execute(sql`INSERT INTO inquiries
      (id, name, email, message, source, submission_key, content_hash, submitted_at)
      VALUES (snowflake(10), 'n', 'e@example.com', 'm', ${changes.source ?? null},
        ${crypto.randomUUID()}, '', ${time}) RETURNING id::text`);
    ids.push(String(rows[0]?.["id"]));
  }
  return ids;
}

const statistics = (query: Record<string, string>) =>
  bodyOf<InquiryStatistics>(get(`/inquiries/statistics?${new URLSearchParams(query)}`));

describe("the statistics", () => {
  it("count the days of a zone across a change of the clock, empty ones too", async () => {
    const year = aYear();
    // 25 March 2001 had 23 hours in Berlin, from 23:00 to 22:00 UTC.
    await submittedAt([
      `${year}-03-24T22:59:59.999Z`,
      `${year}-03-24T23:00:00Z`,
      `${year}-03-25T21:59:59.999Z`,
      `${year}-03-25T22:00:00Z`,
      `${year}-03-27T21:59:59Z`,
      `${year}-03-27T22:00:00Z`,
    ]);
    const answer = await statistics({
      from: `${year}-03-24T00:00:00+01:00`,
      to: `${year}-03-28T00:00:00+02:00`,
      timeZone: "Europe/Berlin",
    });
    expect(answer.series.map(({ start, submitted }) => [start, submitted])).toEqual([
      [`${year}-03-23T23:00:00.000Z`, 1],
      [`${year}-03-24T23:00:00.000Z`, 2],
      [`${year}-03-25T22:00:00.000Z`, 1],
      [`${year}-03-26T22:00:00.000Z`, 1],
    ]);
    expect(answer.totals).toMatchObject({ submitted: 5, accepted: 5, spam: 0 });
  });

  it("are right to the quarter of an hour, in every bucket", async () => {
    const year = aYear();
    const times = Array.from({ length: 60 }, (_, n) =>
      new Date(Date.UTC(Number(year), 4, 1) + n * 47 * 60_000 + 1).toISOString(),
    );
    await submittedAt(times);
    const from = `${year}-05-01T00:15:00Z`;
    const to = `${year}-05-02T18:30:00Z`;
    const expected = times.filter((time) => time >= from && time < to).length;
    for (const timeZone of ["UTC", "Asia/Kathmandu", "Asia/Kolkata", "America/St_Johns"]) {
      for (const bucket of ["hour", "day", "week", "month"]) {
        const { series, totals } = await statistics({ from, to, timeZone, bucket });
        expect(totals.submitted).toBe(expected);
        for (const { start, end, submitted } of series) {
          expect(submitted).toBe(times.filter((time) => time >= start && time < end).length);
        }
      }
    }
  });

  it("follow status, spam, deletion and restoring", async () => {
    const year = aYear();
    const times = [`${year}-06-01T00:00:00Z`, `${year}-06-01T00:00:01Z`];
    const [id, other] = await submittedAt(times, { source: "follow" });
    const told = () =>
      statistics({ from: `${year}-06-01T00:00:00Z`, to: `${year}-06-02T00:00:00Z` });
    const counts = async () => (await told()).totals.counts;
    expect(await counts()).toMatchObject({ NEW: 2, IN_PROGRESS: 0 });
    await patchJson(`/inquiries/${id}`, { status: "IN_PROGRESS" });
    expect(await counts()).toMatchObject({ NEW: 1, IN_PROGRESS: 1 });
    await send("DELETE", `/inquiries/${other}`);
    expect(await counts()).toMatchObject({ NEW: 0, IN_PROGRESS: 1 });
    await send("POST", `/inquiries/${other}/restore`);
    expect(await counts()).toMatchObject({ NEW: 1, IN_PROGRESS: 1 });
    await database().execute(
      sql`UPDATE inquiries SET status = 'CANCELLED', spam_reasons = '{links}' WHERE id = ${id}`,
    );
    expect((await told()).totals.spam).toBe(1);
    await patchJson(`/inquiries/${id}`, { status: "NEW" });
    const { totals, sources } = await told();
    expect(totals.spam).toBe(0);
    expect(sources).toEqual([{ source: "follow", count: 2 }]);
  });

  it("name the ten sources that most came from", async () => {
    const year = aYear();
    for (let n = 1; n <= 12; n += 1) {
      await submittedAt(Array(n).fill(`${year}-06-01T00:00:00Z`), { source: `s${n}` });
    }
    await submittedAt(Array(5).fill(`${year}-06-01T00:00:00Z`));
    const { sources } = await statistics({
      from: `${year}-06-01T00:00:00Z`,
      to: `${year}-06-02T00:00:00Z`,
    });
    expect(sources.map(({ count }) => count)).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 5, 4]);
    expect(sources[0]).toEqual({ source: "s12", count: 12 });
    expect(sources).toContainEqual({ source: null, count: 5 });
  });

  it("tell the median and the ninth tenth of the time to first handling", async () => {
    const year = aYear();
    const handled = Array.from({ length: 101 }, (_, n) => 60 + n * 60);
    for (const seconds of handled) {
      await database().execute(sql`INSERT INTO inquiries
        (id, status, name, message, submission_key, content_hash, submitted_at, first_handled_at)
        VALUES (snowflake(10), 'RESOLVED', 'n', 'm', ${crypto.randomUUID()}, '',
          ${`${year}-07-01T00:00:00Z`}, ${`${year}-07-01T00:00:00Z`}::timestamptz + ${seconds} * interval '1 second')`);
    }
    const { firstHandling } = await statistics({
      from: `${year}-07-01T00:00:00Z`,
      to: `${year}-07-02T00:00:00Z`,
    });
    expect(firstHandling.handled).toBe(101);
    const { medianSeconds, p90Seconds } = firstHandling;
    expect(Math.abs(Number(medianSeconds) / (51 * 60) - 1)).toBeLessThan(0.19);
    expect(Math.abs(Number(p90Seconds) / (91 * 60) - 1)).toBeLessThan(0.19);
    const empty = await statistics({
      from: `${year}-08-01T00:00:00Z`,
      to: `${year}-08-02T00:00:00Z`,
    });
    expect(empty.firstHandling).toEqual({ handled: 0, medianSeconds: null, p90Seconds: null });
  });

  it.each([
    ["timeZone=Mars/Olympus", "?timeZone"],
    ["timeZone=%2B01:00", "?timeZone"],
    ["bucket=year", "?bucket"],
    ["from=2026-01-01T00:00:00Z&to=2026-01-01T00:00:00Z", "?to"],
    ["from=2026-01-01T00:00:00Z&to=2026-03-01T00:00:00Z&bucket=hour", "?bucket"],
    ["from=0001-01-01T00:00:00Z&to=9999-12-31T23:59:59Z", "?bucket"],
    ["from=today", "?from"],
  ])("refuse ?%s", async (query, pointer) => {
    const problem = await bodyOf(get(`/inquiries/statistics?${query}`), 422);
    expect(problem).toMatchObject({ code: "validation_failed", errors: [{ pointer }] });
  });

  it("are not for a CASHIER, who may count", async () => {
    expect(await codeOf(get("/inquiries/statistics", "cashier"), 403)).toBe("forbidden");
    const { counts, total } = await bodyOf<InquiryCounts>(get("/inquiries/count", "cashier"));
    expect(total).toBe(Object.values(counts).reduce((sum, n) => sum + n, 0));
  });
});
