import { sql } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import type {
  SubscriberCounts,
  SubscriberStatistics,
} from "../../src/subscribers/statistics-schema.ts";
import { eventually } from "../support/eventually.ts";
import { as, call, database, postJson } from "../support/worker/app.ts";
import { bodyOf, codeOf, get, patchJson, send } from "../support/worker/desk.ts";
import { aDeletedSubscriber, aSubscriber, tokenOf } from "../support/worker/subscribers.ts";

/** Stretches of time that no other test writes to, each some days long. */
let nextYear = 2001;
const aYear = () => String(nextYear++);

/** Subscribers who joined at these times. @returns their ids */
async function joinedAt(times: readonly string[]): Promise<string[]> {
  const { rows } = await database().execute<{ id: string }>(sql`INSERT INTO subscribers
    (id, email, email_key, unsubscribe_token, subscribed_at)
    SELECT snowflake(10), a, a, snowflake(10), at::timestamptz
    FROM (SELECT gen_random_uuid() || '@x.test' AS a, at
      FROM jsonb_array_elements_text(${JSON.stringify(times)}::jsonb) AS at) AS made
    RETURNING id`);
  return rows.map(({ id }) => id);
}

const leaveAt = (id: string, time: string) =>
  database().execute(sql`UPDATE subscribers
    SET status = 'UNSUBSCRIBED', unsubscribed_at = ${time} WHERE id = ${id}`);

const statistics = (query: Record<string, string>) =>
  bodyOf<SubscriberStatistics>(get(`/subscribers/statistics?${new URLSearchParams(query)}`));

/** How many there were at a time, by adding up the whole trail. */
async function activeAt(time: string): Promise<number> {
  const { rows } = await database().execute<{ n: string }>(
    sql`SELECT coalesce(sum(change), 0) AS n FROM subscriber_activity WHERE created_at < ${time}`,
  );
  return Number(rows[0]?.n);
}

/** Statistics, counts and trail say the same; in a moment without other tests between the questions. */
async function expectToAgree() {
  await eventually(async () => {
    const { totals, series } = await statistics({});
    expect(series.at(-1)?.active).toBe(totals.active);
    const { counts } = await bodyOf<SubscriberCounts>(get("/subscribers/count"));
    const end = series.at(-1)?.end ?? "";
    expect([counts.ACTIVE, await activeAt(end)]).toEqual([totals.active, totals.active]);
  });
}

describe("the statistics of subscribers", () => {
  it("count the days of a zone across a change of the clock, with how many there were", async () => {
    const year = aYear();
    const already = await activeAt(`${year}-03-23T23:00:00Z`);
    // 25 March 2001 had 23 hours in Berlin, from 23:00 to 22:00 UTC.
    const [first, second] = await joinedAt([
      `${year}-03-24T22:59:59.999Z`,
      `${year}-03-24T23:00:00Z`,
      `${year}-03-25T21:59:59.999Z`,
      `${year}-03-27T21:59:59Z`,
    ]);
    await leaveAt(first ?? "", `${year}-03-25T21:59:59Z`);
    await leaveAt(second ?? "", `${year}-03-25T22:00:00Z`);
    const { series, totals } = await statistics({
      from: `${year}-03-24T00:00:00+01:00`,
      to: `${year}-03-28T00:00:00+02:00`,
      timeZone: "Europe/Berlin",
    });
    expect(
      series.map(({ start, joined, left, net, active }) => [
        start,
        joined,
        left,
        net,
        active - already,
      ]),
    ).toEqual([
      [`${year}-03-23T23:00:00.000Z`, 1, 0, 1, 1],
      [`${year}-03-24T23:00:00.000Z`, 2, 1, 1, 2],
      [`${year}-03-25T22:00:00.000Z`, 0, 1, -1, 1],
      [`${year}-03-26T22:00:00.000Z`, 1, 0, 1, 2],
    ]);
    expect(totals).toEqual({ joined: 4, left: 2, removed: 0, net: 2, active: already + 2 });
  });

  it("are right to the quarter of an hour, in every bucket", async () => {
    const year = aYear();
    const at = (minutes: number) =>
      new Date(Date.UTC(Number(year), 4, 1) + minutes * 60_000 + 1).toISOString();
    const ids = await joinedAt(Array.from({ length: 60 }, (_, n) => at(n * 47)));
    for (const [n, id] of ids.entries()) if (n % 3 === 0) await leaveAt(id, at(n * 61));
    const [from, to] = [`${year}-05-01T00:15:00Z`, `${year}-05-02T18:30:00Z`];
    for (const timeZone of ["Asia/Kathmandu", "America/St_Johns"]) {
      for (const bucket of ["hour", "day", "week", "month"]) {
        const { series, totals } = await statistics({ from, to, timeZone, bucket });
        for (const { end, active } of series.slice(0, 9)) expect(active).toBe(await activeAt(end));
        const net = (await activeAt(to)) - (await activeAt(from));
        expect([totals.net, totals.active]).toEqual([net, await activeAt(to)]);
      }
    }
  });

  it("take who was restored out of those who were removed", async () => {
    const removed = async () => (await statistics({})).totals.removed;
    const before = await removed();
    const { id } = await aDeletedSubscriber();
    expect(await removed()).toBe(before + 1);
    await send("POST", `/subscribers/${id}/restore`);
    expect(await removed()).toBe(before);
  });

  it("follow whoever joins, leaves, is deleted, restored, erased and comes back", async () => {
    const { id, email } = await aSubscriber();
    const other = await aSubscriber();
    const step = async (...expected: string[]) => {
      const { rows } = await database().execute<{ kind: string; change: string }>(
        sql`SELECT kind, change FROM subscriber_activity
          WHERE subscriber_id IN (${id}, ${other.id}) AND change <> 0 ORDER BY id`,
      );
      const moved = rows.map(({ kind, change }) => `${kind} ${change}`);
      expect(moved.splice(-expected.length)).toEqual(expected);
      await expectToAgree();
    };
    await step("join 1", "join 1");
    await call(`/subscribers/unsubscribe?token=${await tokenOf(email ?? "")}`, {
      method: "POST",
      body: new URLSearchParams({ "List-Unsubscribe": "One-Click" }),
    });
    await step("leave -1");
    await send("DELETE", `/subscribers/${id}`);
    await step("leave -1");
    await send("DELETE", `/subscribers/${other.id}`);
    await step("delete -1");
    await send("POST", `/subscribers/${other.id}/restore`);
    await send("POST", `/subscribers/${id}/restore`);
    await step("delete -1", "restore 1");
    await patchJson(`/subscribers/${id}`, { status: "ACTIVE" });
    await step("restore 1", "join 1");
    await postJson("/privacy/erase", { email: other.email }, as("owner"));
    await step("join 1", "erase -1");
  });

  it("of a time that is yet to come are those of now", async () => {
    await eventually(async () => {
      const { totals } = await statistics({
        from: "2090-01-01T00:00:00Z",
        to: "2090-02-01T00:00:00Z",
      });
      const { counts } = await bodyOf<SubscriberCounts>(get("/subscribers/count"));
      expect(totals).toEqual({ joined: 0, left: 0, removed: 0, net: 0, active: counts.ACTIVE });
    });
  });

  it.each([
    "timeZone=Moon/Base",
    "timeZone=%2B01:00",
    "bucket=year",
    "from=yesterday",
    "from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z",
    "from=2000-01-01T00:00:00Z&to=2026-01-01T00:00:00Z&bucket=hour",
  ])("refuse ?%s", async (query) => {
    expect(await codeOf(get(`/subscribers/statistics?${query}`), 422)).toBe("validation_failed");
  });
});

describe("the counts of subscribers", () => {
  it("are those of a full count, without the bin", async () => {
    const { id } = await aSubscriber();
    await aSubscriber();
    await send("DELETE", `/subscribers/${id}`);
    // Files of tests run side by side: what is counted may change between two questions.
    await eventually(async () => {
      const { rows } = await database().execute<{ status: "ACTIVE"; n: string }>(
        sql`SELECT status, count(*) AS n FROM subscribers WHERE deleted_at IS NULL GROUP BY status`,
      );
      const expected = { ACTIVE: 0, UNSUBSCRIBED: 0 };
      for (const { status, n } of rows) expected[status] = Number(n);
      const { counts, total } = await bodyOf<SubscriberCounts>(get("/subscribers/count"));
      expect(counts).toEqual(expected);
      expect(total).toBe(expected.ACTIVE + expected.UNSUBSCRIBED);
    });
  });
});
