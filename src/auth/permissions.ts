import { type Model, newModelFromString } from "casbin";
import { type Logger, nameOf } from "../telemetry/logger.ts";
import { within } from "../within.ts";
import { compileDecisions, type Decisions, type Grant } from "./decisions.ts";
import type { Principal } from "./principal.ts";

/** A row of `permissions`: `["p", role, object, action]`, or `["g", role, role it inherits from]`. */
export type Rule = readonly string[];

/** A rule allows when the role is the rule's or inherits from it, and object and action are equal. */
export const MODEL = `
[request_definition]
r = sub, obj, act

[policy_definition]
p = sub, obj, act

[role_definition]
g = _, _

[policy_effect]
e = some(where (p.eft == allow))

[matchers]
m = g(r.sub, p.sub) && r.obj == p.obj && r.act == p.act
`;

/** How many values a rule of each known type has; rows of other types are somebody else's. */
const VALUES: Readonly<Record<string, number>> = { p: 3, g: 2 };

/** Past this the rules are refused: an isolate keeps them in memory and reads them every 30 s. */
export const MAX_RULES = 10_000;

const REFRESH_MS = 30_000;
/** Rules this old are read anew before they decide: an isolate may have slept since. */
const REFRESH_FIRST_MS = 5 * 60_000;
const LOAD_TIMEOUT_MS = 3_000;

/** The rules could not be loaded and none are at hand: nobody is allowed anything. */
export class PermissionsUnavailable extends Error {
  override readonly name = "PermissionsUnavailable";
}

/** What an isolate remembers of the rules. Bounded: one rule set of at most MAX_RULES. */
export interface RuleCache {
  decisions: Decisions | undefined;
  /** The rules the decisions were compiled from, so that the same ones are not compiled again. */
  source: string;
  loadedAt: number;
  triedAt: number;
}

export function createRuleCache(): RuleCache {
  return {
    decisions: undefined,
    source: "",
    loadedAt: Number.NEGATIVE_INFINITY,
    triedAt: Number.NEGATIVE_INFINITY,
  };
}

/** A principal with several roles has the union of their rights. */
export interface Permissions {
  /** @throws {PermissionsUnavailable} when there are no rules to decide by. */
  allows(principal: Pick<Principal, "roles">, object: string, action: string): Promise<boolean>;
  /**
   * Everything the principal may do, sorted by object, then action.
   * @throws {PermissionsUnavailable} when there are no rules to decide by.
   */
  grantsOf(principal: Principal): Promise<Grant[]>;
  /** Reads the rules now, for decisions that must not be older. @throws when they cannot be read */
  refresh(): Promise<void>;
}

/** A rule of a type we do not know is well-formed: it means nothing here. */
function isWellFormed([type = "", ...values]: Rule): boolean {
  return values.slice(VALUES[type] ?? values.length).every((value) => value === "");
}

/**
 * Casbin's model with the rules in it. Its enforcer would only search them, and `compileDecisions` looks
 * them up; the bundle goes without it.
 * A row with more values than its type has is left out: it may say `deny`, or a domain, and casbin
 * would drop that and allow.
 */
export function loadModel(rules: readonly Rule[]): Model {
  const model = newModelFromString(MODEL);
  for (const [type, count] of Object.entries(VALUES)) {
    const known = rules.filter((rule) => rule[0] === type && isWellFormed(rule));
    // All at once: one by one, casbin searches the ones before for each.
    model.addPolicies(
      type,
      type,
      known.map((rule) => Array.from({ length: count }, (_, index) => rule[index + 1] ?? "")),
    );
  }
  return model;
}

/**
 * Decides by the rules that `load` yields, reloaded in the background every 30 s. A reload that fails
 * is logged and leaves the rules as they are.
 */
export function createPermissions(options: {
  /** All rows of `permissions`. */
  load: () => Promise<readonly Rule[]>;
  cache: RuleCache;
  background: (work: Promise<unknown>) => void;
  log: Pick<Logger, "warn">;
  now?: () => number;
}): Permissions {
  const { load, cache, background, log, now = Date.now } = options;

  /** @throws what `load` throws */
  async function reload(): Promise<Decisions> {
    // Claimed before the load, so that requests in between do not load as well; after a failure the
    // next one waits its time.
    cache.triedAt = now();
    const rules = await within(LOAD_TIMEOUT_MS, load());
    if (rules.length > MAX_RULES) throw new RangeError("too many rules");
    const source = JSON.stringify(rules);
    let { decisions } = cache;
    if (decisions === undefined || source !== cache.source) {
      decisions = compileDecisions(loadModel(rules));
      const ignored = rules.filter((rule) => !isWellFormed(rule)).length;
      if (ignored > 0) log.warn("permission rules ignored", { ignored });
    }
    cache.decisions = decisions;
    cache.source = source;
    cache.loadedAt = now();
    return decisions;
  }

  function failed(error: unknown): undefined {
    log.warn("permissions not loaded", { reason: nameOf(error) });
  }

  async function current(): Promise<Decisions> {
    const held = cache.decisions;
    if (held === undefined) {
      const loaded = await reload().catch(failed);
      if (loaded === undefined) throw new PermissionsUnavailable();
      return loaded;
    }
    if (now() - cache.triedAt < REFRESH_MS) return held;
    const work = reload().catch(failed);
    if (now() - cache.loadedAt >= REFRESH_FIRST_MS) return (await work) ?? held;
    background(work);
    return held;
  }

  return {
    async allows(principal, object, action) {
      const decisions = await current();
      return principal.roles.some((role) => decisions.allows(role, object, action));
    },
    async grantsOf(principal) {
      const decisions = await current();
      const grants = principal.roles.flatMap((role) => decisions.grantsOf(role));
      const unique = new Map(grants.map((grant) => [`${grant.object}\0${grant.action}`, grant]));
      return [...unique.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, grant]) => grant);
    },
    async refresh() {
      await reload();
    },
  };
}
