import { type Enforcer, newEnforcer, newModelFromString } from "casbin";
import { compileDecisions } from "../../../src/auth/decisions.ts";
import { loadModel, MODEL } from "../../../src/auth/permissions.ts";
import { type Random, seeded } from "./random.ts";

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
  const roles = [...new Set(names(random, 2 + random.int(22)))];
  const objects = names(random, 1 + random.int(6));
  const actions = names(random, 1 + random.int(6));
  const rules = random.times(random.int(40), () => [
    random.pick(roles),
    random.pick(objects),
    random.pick(actions),
  ]);
  // None, any (circles too), or a chain, which is longer than casbin follows where there are many roles.
  const links = random.pick([
    () => [],
    () => random.times(random.int(30), () => [random.pick(roles), random.pick(roles)]),
    () => roles.slice(1).map((role, n) => [roles[n] ?? "", role]),
  ])();
  const request = (): [string, string, string] => [
    random.pick(random.int(10) > 0 ? roles : STRANGE),
    random.pick(random.int(10) > 0 ? objects : STRANGE),
    random.pick(random.int(10) > 0 ? actions : STRANGE),
  ];
  return { rules, links, request };
}

/** Casbin as its manual has it: none of our code but the model. */
export async function plainCasbin(rules: string[][], links: string[][]): Promise<Enforcer> {
  const enforcer = await newEnforcer(newModelFromString(MODEL));
  for (const rule of rules) await enforcer.addPolicy(...rule);
  for (const link of links) await enforcer.addGroupingPolicy(...link);
  return enforcer;
}

/**
 * Asks casbin and our decisions the same random things over random rules.
 * @param options.seed gives the same rules and requests again
 * @returns where they differ, at most the first three in full, and how many were allowed
 */
export async function compareWithCasbin(options: {
  seed: number;
  ruleSets: number;
  requests: number;
}) {
  const { seed, ruleSets, requests } = options;
  const random = seeded(seed);
  const examples: unknown[] = [];
  let disagreements = 0;
  let allowed = 0;
  for (let set = 0; set < ruleSets; set += 1) {
    const { rules, links, request } = aRuleSet(random);
    const plain = await plainCasbin(rules, links);
    const ours = compileDecisions(
      loadModel([...rules.map((rule) => ["p", ...rule]), ...links.map((link) => ["g", ...link])]),
    );
    for (let n = 0; n < requests / ruleSets; n += 1) {
      const asked = request();
      const expected = plain.enforceSync(...asked);
      if (expected) allowed += 1;
      if (ours.allows(...asked) === expected) continue;
      disagreements += 1;
      if (disagreements <= 3) examples.push({ rules, links, asked, expected });
    }
  }
  return { disagreements, examples, allowed };
}
