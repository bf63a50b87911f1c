import { type Enforcer, newEnforcer, newModelFromString } from "casbin";
import { describe, expect, it } from "vitest";
import { compileDecisions } from "../../src/auth/decisions.ts";
import { buildEnforcer, MODEL, type Rule } from "../../src/auth/permissions.ts";
import { type Random, seeded } from "../support/worker/random.ts";

const REQUESTS = 100_000;
const RULE_SETS = 500;

/** Everything that has ever confused something between a string and a rule. */
const STRANGE = [
  ...[
    "",
    " ",
    "*",
    "**",
    "/*",
    ".*",
    "$$",
    "$&",
    "$1",
    ",",
    "a,b",
    ", ",
    '"',
    "'",
    '"a"',
    "\\",
    "\n",
  ],
  ...["\0", "#", "p", "g", "r.sub", "p_sub", "g(a, b)", "eval(true)", "true", "1", "01", "null"],
  ...["__proto__", "constructor", "hasOwnProperty", "toString", "allow", "deny", "keyMatch"],
  ...[
    "é",
    "e\u0301",
    "ﬁ",
    "İ",
    "日本",
    "👩‍💻",
    "\u200b",
    "\u202e",
    "\ud800",
    "\ufeff",
    "OWNER",
    "owner",
  ],
];

/** Few names, so that rules and requests meet; some of them made of several strange ones. */
function names(random: Random, count: number): string[] {
  return random.times(count, () =>
    random.int(4) > 0
      ? random.pick(STRANGE)
      : random
          .times(1 + random.int(3), () => random.pick(STRANGE))
          .join(random.pick(["", ",", "$$"])),
  );
}

function aRuleSet(random: Random) {
  const roles = names(random, 2 + random.int(14));
  const objects = names(random, 1 + random.int(6));
  const actions = names(random, 1 + random.int(6));
  const rules = random.times(random.int(40), () => [
    random.pick(roles),
    random.pick(objects),
    random.pick(actions),
  ]);
  // In half of the sets, and long enough for circles and for chains past casbin's limit.
  const links = random.times(random.int(2) * random.int(30), () => [
    random.pick(roles),
    random.pick(roles),
  ]);
  const request = (): [string, string, string] => [
    random.pick(random.int(10) > 0 ? roles : STRANGE),
    random.pick(random.int(10) > 0 ? objects : STRANGE),
    random.pick(random.int(10) > 0 ? actions : STRANGE),
  ];
  return { rules, links, request };
}

/** Casbin as its manual has it: none of our code but the model. */
async function plainCasbin(rules: string[][], links: string[][]): Promise<Enforcer> {
  const enforcer = await newEnforcer(newModelFromString(MODEL));
  for (const rule of rules) await enforcer.addPolicy(...rule);
  for (const link of links) await enforcer.addGroupingPolicy(...link);
  return enforcer;
}

async function decisionsOf(...rules: Rule[]) {
  return compileDecisions(await buildEnforcer(rules));
}

describe("compiled decisions", () => {
  it("are casbin's, for 100,000 random requests over random rules", {
    timeout: 120_000,
  }, async () => {
    const seed = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
    console.log(`decisions: seed ${seed}`);
    const random = seeded(seed);
    const disagreements: unknown[] = [];
    let allowed = 0;
    for (let set = 0; set < RULE_SETS; set += 1) {
      const { rules, links, request } = aRuleSet(random);
      const plain = await plainCasbin(rules, links);
      const ours = await decisionsOf(
        ...rules.map((rule) => ["p", ...rule]),
        ...links.map((link) => ["g", ...link]),
      );
      for (let n = 0; n < REQUESTS / RULE_SETS; n += 1) {
        const asked = request();
        const expected = plain.enforceSync(...asked);
        if (expected) allowed += 1;
        if (ours.allows(...asked) !== expected)
          disagreements.push({ rules, links, asked, expected });
      }
    }
    expect({ seed, disagreements: disagreements.slice(0, 3) }).toEqual({ seed, disagreements: [] });
    // Otherwise the requests would have proved nothing.
    expect(allowed).toBeGreaterThan(REQUESTS / 20);
    expect(allowed).toBeLessThan(REQUESTS * 0.95);
  });

  it("follow inheritance as far as casbin does, and not a step further", async () => {
    const links = Array.from({ length: 14 }, (_, n) => [`r${n}`, `r${n + 1}`]);
    const rules = Array.from({ length: 15 }, (_, n) => [`r${n}`, `r${n}`, "read"]);
    const plain = await plainCasbin(rules, links);
    const ours = await decisionsOf(
      ...rules.map((rule) => ["p", ...rule]),
      ...links.map((link) => ["g", ...link]),
    );
    for (let n = 0; n < 15; n += 1) {
      expect(ours.allows("r0", `r${n}`, "read")).toBe(plain.enforceSync("r0", `r${n}`, "read"));
    }
    expect(ours.allows("r0", "r10", "read")).toBe(true);
    expect(ours.allows("r0", "r11", "read")).toBe(false);
  });

  it("list what a role may do, its own and inherited", async () => {
    const ours = await decisionsOf(
      ["p", "A", "x", "read"],
      ["p", "B", "x", "write"],
      ["g", "B", "A"],
    );
    expect(ours.grantsOf("A")).toEqual([{ object: "x", action: "read" }]);
    expect(ours.grantsOf("B")).toHaveLength(2);
    expect(ours.grantsOf("C")).toEqual([]);
  });

  it("ignore rows of types that are not ours", async () => {
    const ours = await decisionsOf(
      ["p2", "A", "x", "read"],
      ["g2", "B", "A"],
      ["", "A", "x", "read"],
    );
    expect(ours.allows("A", "x", "read")).toBe(false);
  });

  it("leave out a row with a value too many, which may say deny or name a domain", async () => {
    const ours = await decisionsOf(
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
