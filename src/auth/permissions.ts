import { type Adapter, type Enforcer, type Model, newEnforcer, newModelFromString } from "casbin";
import type { Principal } from "./principal.ts";

/** A Casbin rule without its type: `[role, object, action]`. */
export type Rule = readonly string[];

/** Role-based: a rule allows when role, object and action are the same strings. */
const MODEL = `
[request_definition]
r = sub, obj, act

[policy_definition]
p = sub, obj, act

[policy_effect]
e = some(where (p.eft == allow))

[matchers]
m = r.sub == p.sub && r.obj == p.obj && r.act == p.act
`;

const REFRESH_MS = 30_000;

/** The rules could not be loaded and none are at hand: nobody is allowed anything. */
export class PermissionsUnavailable extends Error {
  override readonly name = "PermissionsUnavailable";
}

/** What an isolate remembers of the rules; bounded by being one rule set. */
export interface RuleCache {
  enforcer: Enforcer | undefined;
  loadedAt: number;
}

export function createRuleCache(): RuleCache {
  return { enforcer: undefined, loadedAt: Number.NEGATIVE_INFINITY };
}

export interface Permissions {
  /** @throws {PermissionsUnavailable} when there are no rules to decide by. */
  allows(principal: Principal, object: string, action: string): Promise<boolean>;
}

/** Hands casbin the rules as arrays: its CSV lines would need quoting. Read-only. */
function arrayAdapter(rules: readonly Rule[]): Adapter {
  const refuse = () => Promise.reject(new Error("the rules are read-only"));
  return {
    async loadPolicy(model: Model) {
      for (const rule of rules) model.addPolicy("p", "p", [...rule]);
    },
    savePolicy: refuse,
    addPolicy: refuse,
    removePolicy: refuse,
    removeFilteredPolicy: refuse,
  };
}

export function buildEnforcer(rules: readonly Rule[]): Promise<Enforcer> {
  return newEnforcer(newModelFromString(MODEL), arrayAdapter(rules));
}

/**
 * Decides by the rules that `load` yields, reloaded in the background every 30 s. A principal with
 * several roles has the union of their rights.
 */
export function createPermissions(options: {
  load: () => Promise<readonly Rule[]>;
  cache: RuleCache;
  background: (work: Promise<unknown>) => void;
  now?: () => number;
}): Permissions {
  const { load, cache, background, now = Date.now } = options;

  async function reload(): Promise<Enforcer> {
    const enforcer = await buildEnforcer(await load());
    cache.enforcer = enforcer;
    cache.loadedAt = now();
    return enforcer;
  }

  async function current(): Promise<Enforcer> {
    if (cache.enforcer === undefined) {
      return reload().catch((cause) => {
        throw new PermissionsUnavailable("no rules", { cause });
      });
    }
    if (now() - cache.loadedAt >= REFRESH_MS) {
      // Claimed before the load, so that requests in between do not load as well; a failed load
      // keeps the old rules and is tried again after the same time.
      cache.loadedAt = now();
      background(reload().catch(() => undefined));
    }
    return cache.enforcer;
  }

  return {
    async allows(principal, object, action) {
      const enforcer = await current();
      return principal.roles.some((role) => enforcer.enforceSync(role, object, action));
    },
  };
}
