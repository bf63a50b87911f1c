import { describe, expect, it } from "vitest";
import { type Batch, createRecorder } from "../../src/telemetry/metrics.ts";

/** A recorder whose clock stands still but for what it waits itself. */
function aRecorder() {
  let time = 1_000_000;
  const recorder = createRecorder({
    source: "0badcafe-0000-4000-8000-000000000000",
    now: () => time,
    wait: async (milliseconds) => {
      // A time-out of 3 s is only waited for by calls that hang, and none does here.
      if (milliseconds === 3_000) return new Promise(() => {});
      time += milliseconds;
    },
  });
  return {
    recorder,
    now: () => time,
    pass(milliseconds: number) {
      time += milliseconds;
    },
  };
}

const count = (
  recorder: ReturnType<typeof createRecorder>,
  outcome: "stored" | "spam" = "stored",
) => recorder.count("outreach_submissions_total", { outcome });

const noFailure = (error: unknown) => {
  throw error;
};

describe("the recorder of an isolate", () => {
  it("hands over growth, not totals, and nothing when nothing was counted", async () => {
    const { recorder } = aRecorder();
    const batches: Batch[] = [];
    const send = async (batch: Batch) => void batches.push(batch);
    expect(recorder.claimFlush(send, noFailure)).toBeUndefined();
    count(recorder);
    count(recorder);
    count(recorder, "spam");
    await recorder.claimFlush(send, noFailure)?.();
    count(recorder);
    await recorder.claimFlush(send, noFailure)?.();
    expect(batches.map(({ sequence, samples }) => ({ sequence, samples }))).toEqual([
      {
        sequence: 1,
        samples: [
          ["outreach_submissions_total", 'outcome="stored"', "", 2],
          ["outreach_submissions_total", 'outcome="spam"', "", 1],
        ],
      },
      { sequence: 2, samples: [["outreach_submissions_total", 'outcome="stored"', "", 1]] },
    ]);
  });

  it("flushes at most once in five seconds", async () => {
    const { recorder, now } = aRecorder();
    const times: number[] = [];
    const send = async () => void times.push(now());
    for (let round = 0; round < 4; round += 1) {
      count(recorder);
      await recorder.claimFlush(send, noFailure)?.();
    }
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(gaps).toEqual([5_000, 5_000, 5_000]);
  });

  it("lets one request at a time do it, and takes over from one that was cut off", () => {
    const { recorder, pass } = aRecorder();
    count(recorder);
    const send = async () => {};
    expect(recorder.claimFlush(send, noFailure)).toBeDefined();
    expect(recorder.claimFlush(send, noFailure)).toBeUndefined();
    pass(10_000);
    expect(recorder.claimFlush(send, noFailure)).toBeDefined();
  });

  it("also hands over what was counted while it was sending, without another request", async () => {
    const { recorder } = aRecorder();
    const batches: Batch[] = [];
    count(recorder);
    await recorder.claimFlush(async (batch) => {
      if (batches.push(batch) === 1) count(recorder, "spam");
    }, noFailure)?.();
    expect(batches.map(({ samples }) => samples.length)).toEqual([1, 1]);
  });

  it("sends a batch again under the same number until it is confirmed, later counts after it", async () => {
    const { recorder } = aRecorder();
    const batches: Batch[] = [];
    const failures: unknown[] = [];
    count(recorder);
    await recorder.claimFlush(
      async (batch) => {
        batches.push(batch);
        count(recorder, "spam");
        if (batches.length < 3) throw new Error("no answer");
        if (batches.length > 3) throw new Error("enough");
      },
      (error) => failures.push(error),
    )?.();
    expect(batches.slice(0, 3).map(({ sequence }) => sequence)).toEqual([1, 1, 1]);
    expect(batches[2]).toEqual(batches[0]);
    expect(batches[3]).toMatchObject({
      sequence: 2,
      samples: [["outreach_submissions_total", 'outcome="spam"', "", 3]],
    });
    expect(failures.length).toBeGreaterThanOrEqual(2);
  });

  it("gives up after 20 s, so that another request takes over before the platform ends it", async () => {
    const { recorder, now } = aRecorder();
    const start = now();
    count(recorder);
    await recorder.claimFlush(
      () => Promise.reject(new Error("away")),
      () => {},
    )?.();
    expect(now() - start).toBe(20_000);
    expect(recorder.claimFlush(async () => {}, noFailure)).toBeDefined();
  });

  it("puts an observation into the smallest bucket that holds it", async () => {
    const { recorder } = aRecorder();
    const labels = { route: "/healthz", method: "GET" } as const;
    for (const seconds of [0, 0.005, 0.006, 11]) {
      recorder.observe("outreach_http_request_duration_seconds", labels, seconds);
    }
    const batches: Batch[] = [];
    await recorder.claimFlush(async (batch) => void batches.push(batch), noFailure)?.();
    expect(Object.fromEntries(batches[0]?.samples.map(([, , le, n]) => [le, n]) ?? [])).toEqual({
      "0.005": 2,
      "0.01": 1,
      "+Inf": 1,
      sum: 11.011,
    });
  });
});
