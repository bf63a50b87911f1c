import { sql } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { countByKey, sumOverTime } from "../../src/db/rollups.ts";
import { database } from "../support/worker/app.ts";

const DAY = 24 * 60 * 60_000;
const STATUSES = ["NEW", "IN_PROGRESS", "RESOLVED", "CANCELLED"];
const START = Date.UTC(2025, 2, 1);
const END = START + 40 * DAY;

/** The same numbers for the same seed (mulberry32). */
function randomNumbers(seed: number) {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (n: number) => Math.floor(next() * n);
  return { next, below, oneOf: <T>(items: readonly T[]) => items[below(items.length)] as T };
}

type Random = ReturnType<typeof randomNumbers>;

/** Some change to some rows: what the API does, and what an operator might do by hand. */
function anOperation(random: Random) {
  return random.oneOf([anInquiryChange, aSubscriberChange])(random);
}

function anInquiryChange({ below, oneOf }: Random) {
  const some = sql`id % ${below(7) + 1} = ${below(3)}`;
  const at = new Date(START + below(END - START)).toISOString();
  const insert = (n: number) => sql`INSERT INTO inquiries
    (id, status, name, message, source, spam_reasons, submission_key, content_hash, submitted_at,
      first_handled_at, deleted_at)
    SELECT snowflake(10), ${oneOf(STATUSES)}, 'n', 'm', ${oneOf([null, "a", "b", "c"])},
      ${oneOf(["{}", "{}", "{links}"])}::text[], gen_random_uuid()::text, '',
      ${at}::timestamptz + n * interval '17 minutes', ${oneOf([null, at])}::timestamptz + interval '3 h', NULL
    FROM generate_series(1, ${n}) AS n`;
  return oneOf([
    insert(1),
    insert(1),
    insert(below(50)),
    sql`UPDATE inquiries SET status = ${oneOf(STATUSES)} WHERE ${some}`,
    sql`UPDATE inquiries SET deleted_at = now() WHERE ${some} AND deleted_at IS NULL`,
    sql`UPDATE inquiries SET deleted_at = NULL WHERE ${some}`,
    sql`UPDATE inquiries SET name = '[erased]', source = 'd', spam_reasons = '{}' WHERE ${some}`,
    sql`UPDATE inquiries SET first_handled_at = submitted_at + ${below(1e6)} * interval '1 second' WHERE ${some}`,
    sql`UPDATE inquiries SET submitted_at = submitted_at + interval '25 hours' WHERE ${some}`,
    sql`DELETE FROM inquiries WHERE id % 23 = ${below(23)}
      AND NOT EXISTS (SELECT FROM inquiry_activity WHERE inquiry_id = inquiries.id)`,
    sql`SELECT compact_rollups()`,
    sql`INSERT INTO inquiries (id, name, message, submission_key, content_hash, submitted_at)
      VALUES (snowflake(10), 'n', 'm', 'same', '', ${at})
      ON CONFLICT (submission_key) DO UPDATE SET submission_key = excluded.submission_key`,
  ]);
}

/** Of rows of its own: what other tests have stored is left alone. */
function aSubscriberChange({ below, oneOf }: Random) {
  const some = sql`source = 'rollups' AND id % ${below(7) + 1} = ${below(3)} AND email_key IS NOT NULL`;
  const at = new Date(START + below(END - START)).toISOString();
  const insert = (n: number, status: string) => sql`INSERT INTO subscribers
    (id, email, email_key, source, status, unsubscribe_token, subscribed_at, deleted_at)
    SELECT snowflake(10), a, a, 'rollups', ${status}, snowflake(10),
      ${at}::timestamptz + n * interval '17 minutes', ${oneOf([null, null, at])}::timestamptz
    FROM (SELECT n, gen_random_uuid()::text AS a FROM generate_series(1, ${n}::int) AS n) AS made`;
  return oneOf([
    insert(1, "ACTIVE"),
    insert(below(50), "ACTIVE"),
    insert(below(5), "UNSUBSCRIBED"),
    sql`UPDATE subscribers SET status = 'UNSUBSCRIBED', unsubscribed_at = ${at} WHERE ${some}`,
    sql`UPDATE subscribers SET status = 'ACTIVE', subscribed_at = subscribed_at + interval '25 hours',
      deleted_at = NULL WHERE ${some}`,
    sql`UPDATE subscribers SET deleted_at = now() WHERE ${some} AND deleted_at IS NULL`,
    sql`UPDATE subscribers SET deleted_at = NULL WHERE ${some}`,
    sql`UPDATE subscribers SET name = 'n' || version, version = version + 1 WHERE ${some}`,
    sql`UPDATE subscribers SET email = NULL, email_key = NULL, status = 'UNSUBSCRIBED',
      deleted_at = now() WHERE ${some} AND id % 11 = 0`,
    // Both or none, so that the trail goes on adding up to how many there are.
    sql`WITH gone AS (DELETE FROM subscribers
        WHERE source = 'rollups' AND id % 23 = ${below(23)} RETURNING id)
      DELETE FROM subscriber_activity WHERE subscriber_id IN (SELECT id FROM gone)`,
    sql`INSERT INTO subscribers (id, email, email_key, unsubscribe_token, subscribed_at)
      VALUES (snowflake(10), 'same', 'same', snowflake(10), ${at})
      ON CONFLICT (email_key) DO UPDATE SET status = 'ACTIVE', subscribed_at = excluded.subscribed_at`,
  ]);
}

/** What is counted by looking at every row, in the form the rollups have. */
async function countedByLooking() {
  const { rows } = await database().execute<{ measure: string; key: string; n: string }>(
    sql`SELECT measure, key, sum(n) AS n FROM counted GROUP BY measure, key`,
  );
  return rows.map(({ measure, key, n }) => `${measure} ${key} ${n}`).sort();
}

const COUNTED = ["inquiry.status", "inquiry.spam", "subscriber.status", "subscriber.movement"];

async function countedByRollups() {
  const counted = COUNTED.map(async (measure) =>
    [...(await countByKey(database(), measure))].map(([key, n]) => ({ measure, key, n })),
  );
  const always = { start: 0, end: Date.UTC(2100, 0, 1) };
  const totals = ["inquiry.source", "inquiry.handling"];
  const sums = await sumOverTime(database(), { series: [], totals, buckets: [always] });
  return [...(await Promise.all(counted)).flat(), ...sums]
    .filter(({ n }) => n !== 0)
    .map(({ measure, key, n }) => `${measure} ${key} ${n}`)
    .sort();
}

describe("the rollups", () => {
  it.each([1, 2, 3])(
    "agree with a full count after random changes at once (seed %d)",
    async (seed) => {
      const random = randomNumbers(seed);
      for (let round = 0; round < 6; round += 1) {
        const operations = Array.from({ length: 12 }, () => anOperation(random));
        // Updates of overlapping rows in any order may lock each other out: then one is rolled back.
        await Promise.allSettled(operations.map((operation) => database().execute(operation)));
        expect(await countedByRollups()).toEqual(await countedByLooking());
      }
      await expectSumsToAgree(random);
    },
  );

  it("take everything back when a transaction is rolled back", async () => {
    const before = await countedByRollups();
    const insert = sql`INSERT INTO inquiries
      (id, name, message, submission_key, content_hash, submitted_at)
      VALUES (snowflake(10), 'n', 'm', ${crypto.randomUUID()}, '', now())`;
    const db = database();
    await expect(
      db.batch([db.execute(insert), db.execute(sql`SELECT 1 / 0`)]),
    ).rejects.toMatchObject({ code: "22012" });
    expect(await countedByRollups()).toEqual(before);
  });

  it("are set right by a rebuild, whatever they said, and found right by the next", async () => {
    await database().execute(sql`UPDATE rollups SET n = n + 3 WHERE measure = 'inquiry.status'`);
    await database().execute(
      sql`INSERT INTO rollup_deltas VALUES ('inquiry.source', '2025-03-03', 'never', 5)`,
    );
    expect(await countedByRollups()).not.toEqual(await countedByLooking());
    await database().execute(sql`SELECT rebuild_rollups()`);
    expect(await countedByRollups()).toEqual(await countedByLooking());
    const { rows } = await database().execute(sql`SELECT rebuild_rollups() AS differences`);
    expect(rows).toEqual([{ differences: "0" }]);
  });
});

/** Sums of random stretches, by every grain, against a count of the rows in each. */
async function expectSumsToAgree({ below }: Random) {
  const quarter = 15 * 60_000;
  const edges = Array.from({ length: 9 }, () => START + below(42 * 96) * quarter);
  const sorted = [...new Set(edges)].sort((a, b) => a - b);
  const buckets = sorted.slice(1).map((end, index) => ({ start: sorted[index] ?? 0, end }));
  const sumsOf = async (options: { series: string[]; totals: string[] }) => {
    const sums = await sumOverTime(database(), { ...options, buckets });
    return sums.map(({ measure, key, n, bucket }) => ({ bucket, text: `${measure} ${key} ${n}` }));
  };
  const series = await sumsOf({
    series: ["inquiry.status", "inquiry.spam", "subscriber.movement"],
    totals: [],
  });
  const totals = await sumsOf({ series: [], totals: ["inquiry.source", "inquiry.handling"] });
  const whole = { start: sorted.at(0) ?? 0, end: sorted.at(-1) ?? 0 };
  for (const [index, { start, end }] of [...buckets, whole].entries()) {
    const { rows } = await database().execute<{ measure: string; key: string; n: string }>(
      sql`SELECT measure, key, sum(n) AS n FROM counted
        WHERE slot >= ${new Date(start).toISOString()} AND slot < ${new Date(end).toISOString()}
        GROUP BY measure, key`,
    );
    const isWhole = index === buckets.length;
    const wanted = isWhole
      ? /^inquiry.(source|handling)/
      : /^(inquiry.(status|spam)|subscriber.movement)/;
    const expected = rows
      .map(({ measure, key, n }) => `${measure} ${key} ${n}`)
      .filter((text) => wanted.test(text));
    const found = isWhole ? totals : series.filter(({ bucket }) => bucket === index);
    expect(found.map(({ text }) => text).sort()).toEqual(expected.sort());
  }
}
