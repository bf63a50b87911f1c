import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { HANG_MS } from "../support/fault-proxy.ts";
import { aSubmission, type FaultWorld, startFaultWorld } from "../support/fault-world.ts";
import { isAccepted, judge, type Sent } from "../support/load.ts";
import { FAULTS, type Fault, runSoak } from "../support/soak.ts";

let world: FaultWorld;
beforeAll(async () => {
  world = await startFaultWorld();
});
afterAll(() => world?.close());

afterEach(async () => {
  world.network.fault = "none";
  await world.untilDrained();
});

async function submitMany(count: number, at = 20): Promise<Sent[]> {
  const sent: Sent[] = [];
  for (let n = 0; n < count; n += at) {
    const group = Array.from({ length: Math.min(at, count - n) }, () => aSubmission(randomUUID()));
    const answers = await Promise.all(group.map(world.submit));
    for (const [index, answer] of answers.entries()) {
      const submission = group[index];
      if (submission) sent.push({ ...answer, submission, at: performance.now() });
    }
  }
  return sent;
}

const EXACTLY_ONCE = { missing: 0, stored_twice: 0, unannounced: 0, announced_twice: 0 };

/** Judges once everything has settled, or when it should have. */
async function expectExactlyOnce(
  sent: readonly Sent[],
  events: Parameters<typeof judge>[2],
): Promise<void> {
  await world.untilDrained();
  await expect
    .poll(() => judge(world, sent, events), { timeout: 10_000 })
    .toMatchObject(EXACTLY_ONCE);
}

describe("an answer that was cut off after the commit", () => {
  it("leaves one row and one event under the receipt that the visitor has", async () => {
    const observer = await world.observe("inquiries");
    world.network.fault = "cut";
    const submission = aSubmission(randomUUID());
    const first = await world.submit(submission);
    expect(first).toMatchObject({ status: 202, receipt: submission.key });
    expect((await world.countRows([first.receipt ?? ""])).get(first.receipt ?? "")).toBe(1);
    world.network.fault = "none";
    const again = await world.submit(submission);
    expect(isAccepted(again)).toBe(true);
    expect(again.receipt).toBe(first.receipt);
    await expectExactlyOnce([{ ...first, submission, at: 0 }], observer.events);
    observer.close();
  });
});

describe("a database that is slow by five seconds", () => {
  it("costs a visitor 800 ms, and nothing once the breaker is open", async () => {
    world.network.fault = "hang";
    const first = await submitMany(3);
    for (const { status, milliseconds } of first) {
      expect(status).toBe(202);
      expect(milliseconds).toBeLessThan(HANG_MS - 1_000);
    }
    const asked = world.network.requests;
    const then = await submitMany(20, 1);
    expect(then.map(({ status }) => status)).toEqual(Array(20).fill(202));
    // The probe of the breaker and the sweep of the spool ask on, and nobody waits for them.
    expect(world.network.requests - asked).toBeLessThan(10);
    expect(Math.min(...then.map(({ milliseconds }) => milliseconds))).toBeLessThan(600);
  });
});

it("stores 500 queued rows after workerd was killed, though nobody asks it to", async () => {
  await world.postgres.kill("SIGKILL");
  const sent = await submitMany(500);
  expect(sent.filter(({ status }) => status !== 202)).toEqual([]);
  await world.worker.kill("SIGKILL");
  await world.postgres.start();
  // Its own readiness check is the only request that the new process gets; healthz touches nothing.
  await world.worker.start();
  const receipts = sent.map(({ receipt }) => receipt ?? "");
  await expect
    .poll(async () => (await world.countRows(receipts)).size, { timeout: 60_000, interval: 250 })
    .toBe(500);
  expect([...(await world.countRows(receipts)).values()].every((count) => count === 1)).toBe(true);
});

it("loses and doubles nothing when workerd is killed in the middle of a replay", async () => {
  world.network.fault = "refuse";
  const sent = await submitMany(300);
  // Every replay commits and never hears of it; then the process dies with it under way.
  world.network.fault = "cut";
  const before = world.network.requests;
  await expect.poll(() => world.network.requests, { timeout: 20_000 }).toBeGreaterThan(before + 3);
  await world.worker.kill("SIGKILL");
  world.network.fault = "none";
  await world.worker.start();
  await world.untilDrained();
  const counts = await world.countRows(sent.map(({ receipt }) => receipt ?? ""));
  expect(counts.size).toBe(300);
  expect([...counts.values()].every((count) => count === 1)).toBe(true);
});

it("tells the operations room once that the database is away, and once that it is back", async () => {
  const observer = await world.observe("operations");
  const types = () => observer.events.map(({ type }) => type.replace("operations.", ""));
  await world.postgres.kill("SIGKILL");
  await submitMany(100);
  await expect.poll(types, { timeout: 15_000 }).toContain("database_away");
  await submitMany(50);
  await world.postgres.start();
  await submitMany(1);
  await expect.poll(types, { timeout: 30_000 }).toContain("database_back");
  await world.untilDrained();
  await delay(1_000);
  expect(types()).toEqual(["database_away", "database_back"]);
  observer.close();
});

it("stays true through every fault in turn, under load", async () => {
  const byName = (name: string) => FAULTS.find((fault) => fault.name === name) as Fault;
  const faults = [
    byName("PostgreSQL killed"),
    byName("PostgreSQL paused"),
    byName("network: cut"),
    byName("network: garbage"),
    byName("workerd killed with rows in the spool"),
  ];
  const report = await runSoak(world, { perSecond: 30, faults, faultMs: 2_500, calmMs: 2_000 });
  expect(report).toMatchObject(EXACTLY_ONCE);
  expect(report.receipts).toBeGreaterThan(300);
  expect(report.events).toBeGreaterThanOrEqual(report.receipts);
});
