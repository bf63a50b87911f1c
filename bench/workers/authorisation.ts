import { newEnforcer, newModelFromString } from "casbin";
import { createPermissions, createRuleCache } from "../../src/auth/permissions.ts";
import { compareWithCasbin } from "../../test/support/worker/compare-decisions.ts";
import { seeded } from "../../test/support/worker/random.ts";

const RULES = 1000;
/** Enough for some 100 ms each; casbin is the slower by thousands. */
const OURS = 500_000;
const PLAIN = 200;

/** Casbin's fastest: without role inheritance, which ours has. */
const FLAT_MODEL = `
[request_definition]
r = sub, obj, act
[policy_definition]
p = sub, obj, act
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = r.sub == p.sub && r.obj == p.obj && r.act == p.act
`;

/** 20 roles × 10 objects × 5 actions, and requests of which half are allowed. */
function aLoad() {
  const random = seeded(1);
  const rules = Array.from({ length: RULES }, (_, n) => [
    `role-${n % 20}`,
    `object-${Math.floor(n / 20) % 10}`,
    `action-${Math.floor(n / 200)}`,
  ]);
  const requests = random.times(1000, () => {
    const [role = "", object = "", action = ""] = random.pick(rules);
    return { role, object, action: random.int(2) === 0 ? action : "action-none" };
  });
  return { rules, requests };
}

async function ours(): Promise<number> {
  const { rules, requests } = aLoad();
  const permissions = createPermissions({
    load: async () => rules.map((rule) => ["p", ...rule]),
    cache: createRuleCache(),
    background: () => undefined,
    log: { warn: () => undefined },
  });
  const asked = requests.map(({ role, object, action }) => ({
    principal: { subject: "bench", name: undefined, roles: [role], expiresAt: 0 },
    object,
    action,
  }));
  return microsecondsPer(OURS, async (n) => {
    const each = asked[n % asked.length];
    return each !== undefined && permissions.allows(each.principal, each.object, each.action);
  });
}

async function plain(): Promise<number> {
  const { rules, requests } = aLoad();
  const enforcer = await newEnforcer(newModelFromString(FLAT_MODEL));
  await enforcer.addPolicies(rules);
  return microsecondsPer(PLAIN, async (n) => {
    const each = requests[n % requests.length];
    return each !== undefined && enforcer.enforceSync(each.role, each.object, each.action);
  });
}

/** The first tenth warms up. @throws when the answers cannot be right */
async function microsecondsPer(times: number, decide: (n: number) => Promise<boolean>) {
  for (let n = 0; n < times / 10; n += 1) await decide(n);
  let allowed = 0;
  const start = performance.now();
  for (let n = 0; n < times; n += 1) if (await decide(n)) allowed += 1;
  const milliseconds = performance.now() - start;
  if (milliseconds === 0) throw new Error("the clock stands still");
  if (allowed < times * 0.4 || allowed > times * 0.6) throw new Error(`${allowed} were allowed`);
  return (milliseconds * 1000) / times;
}

const WORK: Readonly<Record<string, (seed: number) => Promise<unknown>>> = {
  "/": async () => "ready",
  "/ours": ours,
  "/plain": plain,
  "/compare": (seed) => compareWithCasbin({ seed, ruleSets: 500, requests: 100_000 }),
};

// A Worker's entry is its default export.
// biome-ignore lint/style/noDefaultExport: see above
export default {
  async fetch(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const work = WORK[pathname];
    if (work === undefined) return new Response(null, { status: 404 });
    return Response.json(await work(Number(searchParams.get("seed"))));
  },
};
