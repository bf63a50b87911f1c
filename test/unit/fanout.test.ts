import { describe, expect, it } from "vitest";
import {
  allowance,
  MAX_UNACKNOWLEDGED_CHARACTERS,
  type Observer,
  onAcknowledgement,
  onFrame,
  onReplay,
  presencePeriod,
  resume,
} from "../../src/rooms/fanout.ts";
import { MAX_UNACKNOWLEDGED } from "../../src/rooms/protocol.ts";

/** A small generator with a seed (mulberry32), so that a failure can be repeated. */
function randomOf(seed: number) {
  let state = seed;
  return (below: number) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

function anObserver(after: number, head = after): Observer {
  return {
    view: "full",
    access: undefined,
    expiresAt: 4_000_000_000,
    acknowledged: after,
    sent: after,
    lead: head,
    unacknowledgedCharacters: 0,
  };
}

/** A room, one observer and its network, driven at random. @returns what the observer got */
function drive(seed: number, steps: number) {
  const random = randomOf(seed);
  let head = random(500);
  const observer = anObserver(random(head + 1), head);
  const first = observer.sent + 1;
  const inFlight: { to: number }[] = [];
  const got: number[] = [];
  let closed: unknown;
  let mostInFlight = 0;
  const deliver = (from: number, to: number) => {
    inFlight.push({ to });
    for (let id = from + 1; id <= to; id += 1) got.push(id);
    mostInFlight = Math.max(mostInFlight, observer.unacknowledgedCharacters);
  };
  const replay = () => {
    const events = Math.min(allowance(observer, head), 1 + random(400));
    if (events <= 0) return;
    const from = observer.sent;
    const to = Math.min(head, from + events);
    onReplay(observer, { to, characters: (to - from) * 100 }, head);
    deliver(from, to);
  };
  replay();
  for (let step = 0; step < steps && closed === undefined; step += 1) {
    if (random(3) > 0) {
      const after = head;
      head += 1 + random(60);
      const characters = (head - after) * (random(20) === 0 ? 5_000 : 100);
      const verdict = onFrame(observer, { after, to: head, characters }, 0);
      if (verdict === "send") deliver(after, head);
      else if (verdict !== "withhold") closed = verdict;
    } else if (inFlight.length > 0) {
      const taken = inFlight.splice(0, 1 + random(inFlight.length)).at(-1)?.to ?? 0;
      expect(onAcknowledgement(observer, taken, head)).toBe(true);
      replay();
    }
  }
  return { observer, got, first, head, closed, mostInFlight, inFlight };
}

describe("fanning out", () => {
  it("never skips, repeats or reorders an event, whatever the pace (2,000 random runs)", () => {
    for (let seed = 1; seed <= 2_000; seed += 1) {
      const { got, first, observer } = drive(seed, 200);
      got.forEach((id, i) => {
        if (id !== first + i) throw new Error(`seed ${seed}: ${id} where ${first + i} belongs`);
      });
      expect(observer.sent).toBe(first + got.length - 1);
    }
  });

  it("brings everyone who acknowledges up to the head", () => {
    for (let seed = 1; seed <= 500; seed += 1) {
      const { observer, head, closed } = drive(seed, 100);
      if (closed !== undefined) continue;
      for (let i = 0; observer.sent < head || observer.acknowledged < head; i += 1) {
        if (i > 100) throw new Error(`seed ${seed}: stuck at ${observer.sent} of ${head}`);
        onAcknowledgement(observer, observer.sent, head);
        const events = allowance(observer, head);
        const to = Math.min(head, observer.sent + events);
        if (events > 0) onReplay(observer, { to, characters: 1 }, head);
      }
      expect(observer.sent).toBe(head);
    }
  });

  it("never has more in flight than the bound and one frame", () => {
    for (let seed = 1; seed <= 500; seed += 1) {
      expect(drive(seed, 200).mostInFlight).toBeLessThan(MAX_UNACKNOWLEDGED_CHARACTERS + 400_000);
    }
  });

  it("closes one that never acknowledges, after 1,000 events and before 1,061", () => {
    const observer = anObserver(0);
    let head = 0;
    let verdict: unknown = "send";
    while (verdict === "send") {
      expect(head - observer.acknowledged).toBeLessThanOrEqual(MAX_UNACKNOWLEDGED);
      verdict = onFrame(observer, { after: head, to: head + 60, characters: 1 }, 0);
      head += 60;
    }
    expect(verdict).toBe(4008);
  });

  it("takes no acknowledgement of what was not sent, or was acknowledged before", () => {
    const observer = { ...anObserver(10), sent: 20 };
    for (const id of [9, 10, 21, 10.5, Number.NaN, Number.POSITIVE_INFINITY, -1]) {
      expect(onAcknowledgement(observer, id, 20)).toBe(false);
    }
    expect(onAcknowledgement(observer, 20, 20)).toBe(true);
  });

  it("ends with the token", () => {
    const observer = { ...anObserver(0), expiresAt: 100 };
    expect(onFrame(observer, { after: 0, to: 1, characters: 1 }, 99)).toBe("send");
    expect(onFrame(observer, { after: 1, to: 2, characters: 1 }, 100)).toBe(4401);
  });

  it.each([
    ["nothing known", undefined, { recovered: false, gap: 0, after: 20 }],
    ["the newest", { since: 20, epoch: "a" }, { recovered: true, gap: 0, after: 20 }],
    [
      "the oldest that can be replayed",
      { since: 5, epoch: "a" },
      { recovered: true, gap: 0, after: 5 },
    ],
    ["one before", { since: 4, epoch: "a" }, { recovered: false, gap: 1, after: 20 }],
    ["the future", { since: 21, epoch: "a" }, { recovered: false, gap: null, after: 20 }],
    ["another epoch", { since: 10, epoch: "b" }, { recovered: false, gap: null, after: 20 }],
  ])("resumes from %s", (_, from, expected) => {
    expect(resume({ epoch: "a", floor: 5, head: 20 }, from)).toEqual(expected);
  });

  it("tells presence more rarely the more there are to be told", () => {
    expect(presencePeriod(1)).toBeLessThan(1_100);
    expect(presencePeriod(5_000)).toBeGreaterThan(5_000);
  });
});
