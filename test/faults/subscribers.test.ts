import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type FaultWorld, startFaultWorld } from "../support/fault-world.ts";
import { percentile } from "../support/load.ts";
import { mannWhitney } from "../support/mann-whitney.ts";

let world: FaultWorld;
beforeAll(async () => {
  world = await startFaultWorld({ FLOOD_CEILING: "1000000" });
});
afterAll(() => world?.close());

afterEach(async () => {
  world.network.fault = "none";
  await world.untilDrained();
  // Until the breaker has closed, writes would still take the way through the spool.
  await expect.poll(isStoredAtOnce, { timeout: 10_000 }).toBe(true);
});

/** Only leaving says which way it took. */
async function isStoredAtOnce(): Promise<boolean> {
  const email = anEmail();
  await subscribe(email);
  await world.untilDrained();
  return (await leave(await world.unsubscribeTokenOf(email))) === "UNSUBSCRIBED";
}

const anEmail = () => `${randomUUID()}@example.com`;

async function subscribe(email: string): Promise<void> {
  const answer = await world.post("/subscribers/subscribe", { email });
  expect([answer.status, await answer.text()]).toEqual([202, '{"status":"ACCEPTED"}']);
}

async function leave(token: string): Promise<string> {
  const answer = await world.post("/subscribers/unsubscribe", { token });
  expect(answer.ok).toBe(true);
  return ((await answer.json()) as { status: string }).status;
}

/** Work for each, so many at a time. */
async function inLanes<T>(items: readonly T[], lanes: number, work: (item: T) => Promise<void>) {
  const waiting = [...items];
  const lane = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

/** What the trail says of each address, in its order: `join leave`. */
async function trails(emails: readonly string[]): Promise<(string | undefined)[]> {
  const rows = await world.query<{ email: string; trail: string }>(
    `SELECT email_key AS email, string_agg(a.kind, ' ' ORDER BY a.id) AS trail
      FROM subscribers JOIN subscriber_activity AS a ON subscriber_id = subscribers.id
      WHERE email_key = ANY($1) GROUP BY 1`,
    [emails],
  );
  const byEmail = new Map(rows.map(({ email, trail }) => [email, trail]));
  return emails.map((email) => byEmail.get(email));
}

describe("joining and leaving through a stopped PostgreSQL", () => {
  it("arrive once each, in their order, and are announced once", async () => {
    const observer = await world.observe("subscribers");
    const [leavers, returners, fresh] = Array.from({ length: 3 }, () =>
      Array.from({ length: 30 }, anEmail),
    ) as [string[], string[], string[]];
    const known = [...leavers, ...returners];
    await inLanes(known, 8, subscribe);
    const tokens = new Map<string, string>();
    for (const email of known) tokens.set(email, await world.unsubscribeTokenOf(email));

    await world.postgres.kill("SIGKILL");
    const leaveAs = async (email: string) => {
      expect(await leave(tokens.get(email) ?? "")).toBe("QUEUED");
    };
    await inLanes(known, 8, leaveAs);
    // A second click on the same link, and signing up anew.
    await inLanes(leavers, 8, leaveAs);
    await inLanes([...returners, ...fresh], 8, subscribe);
    await world.postgres.start();
    await world.untilDrained();

    expect(await trails(leavers)).toEqual(Array(30).fill("join leave"));
    expect(await trails(returners)).toEqual(Array(30).fill("join leave join"));
    expect(await trails(fresh)).toEqual(Array(30).fill("join"));
    const heard = () => {
      const counts: Record<string, number> = {};
      for (const { type } of observer.events) counts[type] = (counts[type] ?? 0) + 1;
      return counts;
    };
    const once = { "subscriber.subscribed": 60 + 30 + 30, "subscriber.unsubscribed": 60 };
    await expect.poll(heard, { timeout: 10_000 }).toEqual(once);
    await delay(1_000);
    expect(heard()).toEqual(once);
    observer.close();
  });

  it("an answer that was cut off after the commit leaves one join and one leave", async () => {
    const email = anEmail();
    world.network.fault = "cut";
    await subscribe(email);
    const token = await world.unsubscribeTokenOf(email);
    expect(await leave(token)).toBe("QUEUED");
    world.network.fault = "none";
    await world.untilDrained();
    expect(await trails([email])).toEqual(["join leave"]);
    expect(await leave(token)).toBe("UNSUBSCRIBED");
  });
});

describe("the time that a sign-up takes", () => {
  const SAMPLES = 150;
  /** Chance alone goes beyond it once in 16,000 comparisons. */
  const SUSPICIOUS = 4;

  it("tells no known address from an unknown or a returning one", async () => {
    const kinds = ["unknown", "known", "returning"] as const;
    const samples = kinds.flatMap((kind) =>
      Array.from({ length: SAMPLES }, () => ({ kind, email: anEmail(), order: Math.random() })),
    );
    samples.sort((a, b) => a.order - b.order);
    await inLanes(samples, 8, async ({ kind, email }) => {
      if (kind !== "unknown") await subscribe(email);
      if (kind === "returning") await leave(await world.unsubscribeTokenOf(email));
    });
    const times = { unknown: [], known: [], returning: [] } as Record<string, number[]>;
    await inLanes(samples, 4, async ({ kind, email }) => {
      const start = performance.now();
      await subscribe(email);
      times[kind]?.push(performance.now() - start);
    });
    const { unknown = [], known = [], returning = [] } = times;
    const medians = kinds.map(
      (kind) => `${kind} ${percentile(times[kind] ?? [], 0.5).toFixed(2)} ms`,
    );
    const figures = {
      "known against unknown": mannWhitney(known, unknown),
      "returning against unknown": mannWhitney(returning, unknown),
      "known against returning": mannWhitney(known, returning),
    };
    console.info(`medians: ${medians.join(", ")}; z: ${JSON.stringify(figures)}`);
    for (const [pair, z] of Object.entries(figures)) {
      expect(Math.abs(z), pair).toBeLessThan(SUSPICIOUS);
    }
    expect(Math.min(...Object.values(times).flat())).toBeGreaterThanOrEqual(99);
  });
});
