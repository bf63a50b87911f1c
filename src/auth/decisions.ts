import type { Model } from "casbin";

/** One thing that may be done. */
export interface Grant {
  readonly object: string;
  readonly action: string;
}

/** What casbin would answer, looked up instead of searched for. */
export interface Decisions {
  /** Whether `enforce(role, object, action)` of an enforcer with these rules is true. */
  allows(role: string, object: string, action: string): boolean;
  /** What a role may do, its own and inherited, without order. */
  grantsOf(role: string): Grant[];
}

/** object → actions */
type Grants = ReadonlyMap<string, ReadonlySet<string>>;

/** How many steps of inheritance casbin's role manager follows. */
const MAX_INHERITANCE = 10;

const NOTHING: Grants = new Map();

/**
 * Turns the rules a model has loaded into a lookup role → object → action. It holds for the model
 * of permissions.ts only: equality of object and action, roles with inheritance, allow alone.
 */
export function compileDecisions(model: Model): Decisions {
  const rules = model.getPolicy("p", "p");
  // Without a single rule casbin evaluates its matcher once, with empty strings for the rule.
  const own = groupByRole(rules.length > 0 ? rules : [["", "", ""]]);
  const parents = new Map<string, Set<string>>();
  for (const [role = "", parent = ""] of model.getPolicy("g", "g")) {
    parents.set(role, (parents.get(role) ?? new Set()).add(parent));
  }

  // Filled at the first question; bounded by the roles that inherit, whatever names are asked for.
  const merged = new Map<string, Grants>();

  function grantsOf(role: string): Grants {
    if (!parents.has(role)) return own.get(role) ?? NOTHING;
    const known = merged.get(role);
    if (known !== undefined) return known;
    const grants = merge([...ancestry(role, parents)].map((name) => own.get(name) ?? NOTHING));
    merged.set(role, grants);
    return grants;
  }

  return {
    allows: (role, object, action) => grantsOf(role).get(object)?.has(action) ?? false,
    grantsOf: (role) =>
      [...grantsOf(role)].flatMap(([object, actions]) =>
        [...actions].map((action) => ({ object, action })),
      ),
  };
}

function groupByRole(rules: readonly string[][]): Map<string, Map<string, Set<string>>> {
  const roles = new Map<string, Map<string, Set<string>>>();
  for (const [role = "", object = "", action = ""] of rules) {
    const objects = roles.get(role) ?? new Map<string, Set<string>>();
    roles.set(role, objects);
    objects.set(object, (objects.get(object) ?? new Set()).add(action));
  }
  return roles;
}

/** The role itself and all it inherits from, nearest first. Rules may form a circle. */
function ancestry(role: string, parents: ReadonlyMap<string, ReadonlySet<string>>): Set<string> {
  const reached = new Set([role]);
  let edge = [role];
  for (let step = 0; step < MAX_INHERITANCE && edge.length > 0; step += 1) {
    const next = edge.flatMap((name) => [...(parents.get(name) ?? [])]);
    edge = [...new Set(next)].filter((name) => !reached.has(name));
    for (const name of edge) reached.add(name);
  }
  return reached;
}

function merge(all: readonly Grants[]): Grants {
  const grants = new Map<string, Set<string>>();
  for (const [object, actions] of all.flatMap((each) => [...each])) {
    grants.set(object, (grants.get(object) ?? new Set()).union(actions));
  }
  return grants;
}
