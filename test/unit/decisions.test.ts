import { describe, expect, it } from "vitest";
import { compileDecisions } from "../../src/auth/decisions.ts";
import { loadModel, type Rule } from "../../src/auth/permissions.ts";
import { compareWithCasbin, plainCasbin } from "../support/worker/compare-decisions.ts";

const REQUESTS = 100_000;

function decisionsOf(...rules: Rule[]) {
  return compileDecisions(loadModel(rules));
}

describe("compiled decisions", () => {
  it("are casbin's, for 100,000 random requests over random rules", async () => {
    const seed = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
    console.log(`decisions: seed ${seed}`);
    const found = await compareWithCasbin({ seed, ruleSets: 500, requests: REQUESTS });
    expect({ seed, examples: found.examples }).toEqual({ seed, examples: [] });
    // Otherwise the requests would have proved nothing.
    expect(found.allowed).toBeGreaterThan(REQUESTS / 20);
    expect(found.allowed).toBeLessThan(REQUESTS * 0.95);
  }, 120_000);

  it("follow inheritance as far as casbin does, and not a step further", async () => {
    const links = Array.from({ length: 14 }, (_, n) => [`r${n}`, `r${n + 1}`]);
    const rules = Array.from({ length: 15 }, (_, n) => [`r${n}`, `r${n}`, "read"]);
    const plain = await plainCasbin(rules, links);
    const ours = decisionsOf(
      ...rules.map((rule) => ["p", ...rule]),
      ...links.map((link) => ["g", ...link]),
    );
    for (let n = 0; n < 15; n += 1) {
      expect(ours.allows("r0", `r${n}`, "read")).toBe(plain.enforceSync("r0", `r${n}`, "read"));
    }
    expect(ours.allows("r0", "r10", "read")).toBe(true);
    expect(ours.allows("r0", "r11", "read")).toBe(false);
  });

  it("list what a role may do, its own and inherited", () => {
    const ours = decisionsOf(["p", "A", "x", "read"], ["p", "B", "x", "write"], ["g", "B", "A"]);
    expect(ours.grantsOf("A")).toEqual([{ object: "x", action: "read" }]);
    expect(ours.grantsOf("B")).toHaveLength(2);
    expect(ours.grantsOf("C")).toEqual([]);
  });

  it("ignore rows of types that are not ours", () => {
    const ours = decisionsOf(["p2", "A", "x", "read"], ["g2", "B", "A"], ["", "A", "x", "read"]);
    expect(ours.allows("A", "x", "read")).toBe(false);
  });

  it("leave out a row with a value too many, which may say deny or name a domain", () => {
    const ours = decisionsOf(
      ["p", "A", "x", "read", "deny", "", ""],
      ["p", "B", "x", "read", "", "", ""],
      ["g", "C", "B", "elsewhere", "", "", ""],
    );
    expect(["A", "B", "C"].map((role) => ours.allows(role, "x", "read"))).toEqual([
      false,
      true,
      false,
    ]);
  });
});
