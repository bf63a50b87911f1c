import { describe, expect, it } from "vitest";
import { BoundedMap } from "../../src/limits/bounded-map.ts";
import type { Check } from "../../src/limits/check.ts";
import { createLocalGate } from "../../src/limits/local.ts";
import type { Policy } from "../../src/limits/policies.ts";

const FIVE: Policy = { name: "five", by: "client", quota: 5, windowSeconds: 60 };
const EIGHT: Policy = { name: "eight", by: "route", quota: 8, windowSeconds: 60 };

function aGate(capacity?: number) {
  let time = 1_000_000;
  const gate = createLocalGate({ now: () => time, ...(capacity && { capacity }) });
  return {
    pass: (ms: number) => {
      time += ms;
    },
    accepted: (checks: readonly Check[], attempts: number) =>
      Array.from({ length: attempts }, () => gate.check(checks)).filter((it) => it.allowed).length,
    check: (checks: readonly Check[]) => gate.check(checks),
    note: (checks: readonly Check[]) => gate.note(checks),
  };
}

const of = (key: string): Check[] => [{ policy: FIVE, key }];

describe("the gate in the isolate", () => {
  it("accepts a burst of the quota, then one each time a token comes back", () => {
    const { accepted, pass } = aGate();
    expect(accepted(of("a"), 1000)).toBe(5);
    pass(11_999);
    expect(accepted(of("a"), 10)).toBe(0);
    pass(1);
    expect(accepted(of("a"), 10)).toBe(1);
    pass(3_600_000);
    expect(accepted(of("a"), 10)).toBe(5);
  });

  it("keeps clients apart", () => {
    const { accepted } = aGate();
    expect([accepted(of("a"), 9), accepted(of("b"), 9)]).toEqual([5, 5]);
  });

  it("charges everything or nothing", () => {
    const { accepted, check } = aGate();
    const both = (key: string): Check[] => [...of(key), { policy: EIGHT, key: "all" }];
    expect(accepted(both("a"), 9)).toBe(5);
    expect(accepted(both("b"), 9)).toBe(3);
    // The client's own quota was not touched by the six that the other one refused.
    expect(accepted(of("b"), 9)).toBe(2);
    expect(check(both("c")).violated.map(({ policy }) => policy.name)).toEqual(["eight"]);
  });

  it("says what is left, and when more comes", () => {
    const { check, pass } = aGate();
    expect(check(of("a")).states).toEqual([{ policy: FIVE, remaining: 4, resetMs: 12_000 }]);
    pass(2_000);
    for (let n = 0; n < 4; n += 1) check(of("a"));
    const refused = check(of("a"));
    expect(refused).toMatchObject({ allowed: false, violated: [{ remaining: 0 }] });
    expect(refused.violated[0]?.resetMs).toBe(10_000);
  });

  it("counts what another gate has accepted, and never goes below nothing", () => {
    const { accepted, note, pass } = aGate();
    for (let n = 0; n < 3; n += 1) note(of("a"));
    expect(accepted(of("a"), 9)).toBe(2);
    for (let n = 0; n < 9; n += 1) note(of("a"));
    pass(12_000);
    expect(accepted(of("a"), 9)).toBe(1);
  });

  it("does not mind a clock that goes back", () => {
    const { accepted, pass } = aGate();
    accepted(of("a"), 5);
    pass(-3_600_000);
    expect(accepted(of("a"), 5)).toBe(0);
  });

  it("forgets the oldest clients, not the ceiling over all of them", () => {
    const { accepted } = aGate(100);
    const ceiling: Check = { policy: { ...EIGHT, quota: 500 }, key: "all" };
    let total = 0;
    for (let n = 0; n < 1000; n += 1) total += accepted([ceiling, ...of(`client ${n}`)], 1);
    expect(total).toBe(500);
  });
});

describe("the bounded map", () => {
  it("never holds more than its capacity, and drops what was used least recently", () => {
    const map = new BoundedMap<number>(3);
    for (const key of ["a", "b", "c"]) map.set(key, 1);
    map.get("a");
    map.set("d", 1);
    expect([map.size, map.get("a"), map.get("b")]).toEqual([3, 1, undefined]);
    for (let n = 0; n < 1000; n += 1) map.set(String(n), n);
    expect(map.size).toBe(3);
  });
});
