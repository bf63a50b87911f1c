import { beforeEach, describe, expect, it } from "vitest";
import {
  createPermissions,
  createRuleCache,
  MAX_RULES,
  PermissionsUnavailable,
  type Rule,
} from "../../src/auth/permissions.ts";

const REFRESH_MS = 30_000;
const FIVE_MINUTES = 5 * 60_000;

let world: ReturnType<typeof aWorld>;
beforeEach(() => {
  world = aWorld();
});

function aWorld() {
  const behind: Promise<unknown>[] = [];
  const it = {
    now: 1_800_000_000_000,
    loads: 0,
    logged: [] as unknown[],
    load: async (): Promise<readonly Rule[]> => [["p", "OWNER", "inquiry", "read"]],
    settle: () => Promise.all(behind.splice(0)),
    allows: (role: string, action = "read") =>
      permissions.allows(principal(role), "inquiry", action),
    grantsOf: (...roles: string[]) => permissions.grantsOf(principal(...roles)),
  };
  const permissions = createPermissions({
    load: () => {
      it.loads += 1;
      return it.load();
    },
    cache: createRuleCache(),
    background: (work) => void behind.push(work),
    log: { warn: (message, fields) => void it.logged.push({ message, ...fields }) },
    now: () => it.now,
  });
  return it;
}

function principal(...roles: string[]) {
  return { subject: "somebody", name: undefined, roles, expiresAt: 0 };
}

const away = () => Promise.reject(new Error("the database is away"));

describe("rules", () => {
  it("are loaded once for 30 s", async () => {
    expect(await world.allows("OWNER")).toBe(true);
    expect(await world.allows("CASHIER")).toBe(false);
    world.now += REFRESH_MS - 1;
    await world.allows("OWNER");
    expect(world.loads).toBe(1);
  });

  it("decide on while the new ones load behind the answer", async () => {
    await world.allows("OWNER");
    const slow = Promise.withResolvers<readonly Rule[]>();
    world.load = () => slow.promise;
    world.now += REFRESH_MS;
    expect(await world.allows("OWNER")).toBe(true);
    expect(await world.allows("OWNER")).toBe(true);
    expect(world.loads).toBe(2);
    slow.resolve([["p", "OWNER", "inquiry", "delete"]]);
    await world.settle();
    expect(await world.allows("OWNER")).toBe(false);
    expect(await world.allows("OWNER", "delete")).toBe(true);
  });

  it("of an isolate that slept are loaded before they decide", async () => {
    await world.allows("OWNER");
    world.load = async () => [];
    world.now += FIVE_MINUTES;
    expect(await world.allows("OWNER")).toBe(false);
  });

  it("stay when they cannot be loaded, which is logged and tried again after 30 s", async () => {
    await world.allows("OWNER");
    world.load = away;
    for (const step of [REFRESH_MS, REFRESH_MS - 1, 1, FIVE_MINUTES]) {
      world.now += step;
      expect(await world.allows("OWNER")).toBe(true);
      await world.settle();
    }
    expect(world.loads).toBe(4);
    expect(world.logged).toEqual(
      Array(3).fill({ message: "permissions not loaded", reason: "Error" }),
    );
  });

  it("that were never loaded allow nothing", async () => {
    world.load = away;
    await expect(world.allows("OWNER")).rejects.toBeInstanceOf(PermissionsUnavailable);
    await expect(world.grantsOf("OWNER")).rejects.toBeInstanceOf(PermissionsUnavailable);
  });

  it("that are too many are not accepted", async () => {
    await world.allows("OWNER");
    world.load = async () =>
      Array.from({ length: MAX_RULES + 1 }, (_, n) => ["p", "OWNER", "inquiry", `read-${n}`]);
    world.now += FIVE_MINUTES;
    expect(await world.allows("OWNER")).toBe(true);
    expect(world.logged).toEqual([{ message: "permissions not loaded", reason: "RangeError" }]);
  });

  it("that cannot be understood are counted in the log, once", async () => {
    world.load = async () => [["p", "CASHIER", "inquiry", "read", "deny", "", ""]];
    for (let n = 0; n < 3; n += 1) {
      expect(await world.allows("CASHIER")).toBe(false);
      world.now += REFRESH_MS;
      await world.settle();
    }
    expect(world.logged).toEqual([{ message: "permission rules ignored", ignored: 1 }]);
  });
});

describe("a principal", () => {
  it("with several roles has the union of their rights, each named once, in order", async () => {
    world.load = async () => [
      ["p", "A", "b", "y"],
      ["p", "A", "b", "x"],
      ["p", "B", "b", "x"],
      ["p", "B", "a", "z"],
    ];
    expect(await world.grantsOf("A", "B", "UNKNOWN")).toEqual([
      { object: "a", action: "z" },
      { object: "b", action: "x" },
      { object: "b", action: "y" },
    ]);
  });

  it("without roles may do nothing", async () => {
    expect(await world.grantsOf()).toEqual([]);
  });
});
