import { describe, expect, it } from "vitest";
import {
  createPermissions,
  createRuleCache,
  PermissionsUnavailable,
  type Rule,
} from "../../src/auth/permissions.ts";
import type { Principal } from "../../src/auth/principal.ts";

const RULES: readonly Rule[] = [
  ["EMPLOYEE", "inquiry", "update"],
  ["CASHIER", "inquiry", "read"],
];

const withRoles = (...roles: string[]): Principal => ({
  subject: "ada",
  name: undefined,
  roles,
  expiresAt: 0,
});

/** Permissions on a clock of their own, and all that they loaded. */
function aSetup(load: () => Promise<readonly Rule[]> = async () => RULES) {
  let time = 1_000_000;
  let loads = 0;
  const background: Promise<unknown>[] = [];
  const cache = createRuleCache();
  /** As every request makes its own. */
  const permissions = () =>
    createPermissions({
      load: () => {
        loads += 1;
        return load();
      },
      cache,
      background: (work) => void background.push(work),
      now: () => time,
    });
  return {
    allows: (principal: Principal, object: string, action: string) =>
      permissions().allows(principal, object, action),
    pass: (milliseconds: number) => {
      time += milliseconds;
    },
    loads: () => loads,
    settled: () => Promise.all(background),
  };
}

describe("a decision", () => {
  it("allows what a rule of a role says, and nothing else", async () => {
    const { allows } = aSetup();
    expect(await allows(withRoles("CASHIER"), "inquiry", "read")).toBe(true);
    expect(await allows(withRoles("CASHIER"), "inquiry", "update")).toBe(false);
    expect(await allows(withRoles("CASHIER"), "subscriber", "read")).toBe(false);
    expect(await allows(withRoles("cashier"), "inquiry", "read")).toBe(false);
    expect(await allows(withRoles(), "inquiry", "read")).toBe(false);
  });

  it("allows somebody with several roles what any of them allows", async () => {
    const { allows } = aSetup();
    const both = withRoles("VISITOR", "CASHIER", "EMPLOYEE");
    expect(await allows(both, "inquiry", "read")).toBe(true);
    expect(await allows(both, "inquiry", "update")).toBe(true);
    expect(await allows(both, "inquiry", "delete")).toBe(false);
  });

  it("is not fooled by names that look like patterns or paths of rules", async () => {
    const { allows } = aSetup();
    for (const role of ["*", ".*", "CASHIER$$inquiry", "p", "__proto__", ""]) {
      expect(await allows(withRoles(role), "inquiry", "read")).toBe(false);
    }
  });
});

describe("the rules", () => {
  it("are loaded once for thirty seconds, then again in the background", async () => {
    const rules = [...RULES];
    const { allows, pass, loads, settled } = aSetup(async () => [...rules]);
    await allows(withRoles("CASHIER"), "inquiry", "read");
    pass(29_999);
    await allows(withRoles("CASHIER"), "inquiry", "read");
    expect(loads()).toBe(1);

    rules.push(["CASHIER", "inquiry", "update"]);
    pass(1);
    // Decided by the old rules at once; several requests cause one load.
    expect(await allows(withRoles("CASHIER"), "inquiry", "update")).toBe(false);
    expect(await allows(withRoles("CASHIER"), "inquiry", "update")).toBe(false);
    await settled();
    expect(loads()).toBe(2);
    expect(await allows(withRoles("CASHIER"), "inquiry", "update")).toBe(true);
  });

  it("lose what was taken away with the next load", async () => {
    let rules = RULES;
    const { allows, pass, settled } = aSetup(async () => rules);
    expect(await allows(withRoles("CASHIER"), "inquiry", "read")).toBe(true);
    rules = [];
    pass(30_000);
    await allows(withRoles("CASHIER"), "inquiry", "read");
    await settled();
    expect(await allows(withRoles("CASHIER"), "inquiry", "read")).toBe(false);
  });

  it("stay as they were when a reload fails, and are tried again thirty seconds later", async () => {
    let broken = false;
    const { allows, pass, loads, settled } = aSetup(async () => {
      if (broken) throw new Error("no database");
      return RULES;
    });
    await allows(withRoles("CASHIER"), "inquiry", "read");
    broken = true;
    pass(30_000);
    expect(await allows(withRoles("CASHIER"), "inquiry", "read")).toBe(true);
    await settled();
    pass(29_999);
    expect(await allows(withRoles("CASHIER"), "inquiry", "read")).toBe(true);
    expect(loads()).toBe(2);
    pass(1);
    expect(await allows(withRoles("CASHIER"), "inquiry", "read")).toBe(true);
    await settled();
    expect(loads()).toBe(3);
  });

  it("that never came allow nobody anything, until they come", async () => {
    let broken = true;
    const { allows } = aSetup(async () => {
      if (broken) throw new Error("no database");
      return RULES;
    });
    const asking = () => allows(withRoles("CASHIER"), "inquiry", "read");
    await expect(asking()).rejects.toThrow(PermissionsUnavailable);
    broken = false;
    expect(await asking()).toBe(true);
  });

  it("may be none at all: then nobody may do anything", async () => {
    const { allows } = aSetup(async () => []);
    expect(await allows(withRoles("OWNER"), "inquiry", "read")).toBe(false);
  });
});
