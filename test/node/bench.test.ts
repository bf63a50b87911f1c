import { describe, expect, it } from "vitest";
import { summarise } from "../../bench/figure.ts";
import { mergeSections, sectionOf } from "../../bench/results.ts";

const row = { what: "ratio", unit: "", runs: [0.3, 0.1, 0.2] };

describe("a row of a figure", () => {
  it("is its median, with the smallest and the largest run", () => {
    expect(summarise(row)).toMatchObject({ median: 0.2, smallest: 0.1, largest: 0.3 });
    expect(summarise({ ...row, runs: [4, 1, 3, 2] }).median).toBe(2.5);
  });

  it("meets its target or misses it; without one it does neither", () => {
    expect(summarise({ ...row, target: { atMost: 0.2 } }).met).toBe(true);
    expect(summarise({ ...row, target: { atMost: 0.19 } }).met).toBe(false);
    expect(summarise({ ...row, target: { atLeast: 0.21 } }).met).toBe(false);
    expect(summarise(row).met).toBeUndefined();
  });

  it("never meets a target with nothing measured", () => {
    expect(() => summarise({ ...row, runs: [] })).toThrow();
    expect(summarise({ ...row, runs: [Number.NaN], target: { atMost: 1 } }).met).toBe(false);
  });
});

describe("RESULTS.md", () => {
  const section = (title: string, runs: number[]) => {
    const figure = { title, how: "In a test.", measure: async () => [] };
    return sectionOf(figure, [summarise({ ...row, runs, target: { atMost: 1 } })], "a machine");
  };

  it("replaces the section of a figure that was measured again, and keeps the others", () => {
    const first = mergeSections("", [section("B", [1]), section("A", [2])]);
    expect(first.match(/^## .*/gm)).toEqual(["## A", "## B"]);
    expect(first).toContain("| ratio | 2 | ≤ 1 | **missed** |");
    const second = mergeSections(first, [section("A", [0.5])]);
    expect(second.match(/^## .*/gm)).toEqual(["## A", "## B"]);
    expect(second).toContain("| ratio | 0.5 | ≤ 1 | met |");
    expect(second).not.toContain("missed");
    expect(mergeSections(second, [])).toBe(second);
  });
});
