import { describe, expect, it } from "vitest";
import type { Part } from "../../src/health/part.ts";
import { redisPart } from "../../src/health/parts/redis.ts";
import { spoolPart } from "../../src/health/parts/spool.ts";
import { checkReadiness, createReadinessCache } from "../../src/health/service.ts";
import { watchNetwork } from "../support/worker/network.ts";

const part = (name: string, state: "up" | "degraded" | "down", storesWrites = false): Part => ({
  name,
  storesWrites,
  probe: async () => ({ state }),
});

/** The verdict over these parts. */
async function judge(...parts: Part[]) {
  return (await checkReadiness(() => ({ parts, readiness: createReadinessCache() }))).status;
}

describe("readiness", () => {
  it.each([
    ["all is up", "up", "up", "ready"],
    ["Postgres is down and the spool takes writes", "down", "up", "degraded"],
    ["writes wait in the spool", "down", "degraded", "degraded"],
    ["the spool is away and Postgres takes writes", "up", "down", "degraded"],
    ["neither takes writes", "down", "down", "unavailable"],
  ] as const)("when %s: postgres %s, spool %s → %s", async (_name, postgres, spool, verdict) => {
    expect(await judge(part("postgres", postgres, true), part("spool", spool, true))).toBe(verdict);
  });

  it.each(["jwks", "redis", "rooms", "metrics"])("only degrades when %s is down", async (name) => {
    expect(await judge(part("postgres", "up", true), part(name, "down"))).toBe("degraded");
  });

  it("outlives a part that throws at once", async () => {
    const broken: Part = {
      name: "broken",
      probe: () => {
        throw new Error("ada@example.com");
      },
    };
    const report = await checkReadiness(() => ({
      parts: [part("postgres", "up", true), broken],
      readiness: createReadinessCache(),
    }));
    expect(report.parts["broken"]).toMatchObject({ state: "down", detail: "unreachable" });
  });
});

describe("the spool's part", () => {
  const now = () => 100_000;

  it("is up when nothing waits", async () => {
    const spool = spoolPart({
      stats: async () => ({ depth: 0, oldestAcceptedAt: null, setAside: 0 }),
      now,
    });
    expect(await spool.probe?.()).toEqual({ state: "up", depth: 0, oldestSeconds: 0, setAside: 0 });
    expect(await spool.measure?.()).toContainEqual(["outreach_spool_oldest_seconds", {}, 0]);
  });

  it.each([
    [{ depth: 3, oldestAcceptedAt: 88_000, setAside: 0 }, 12],
    [{ depth: 0, oldestAcceptedAt: null, setAside: 1 }, 0],
  ])("is degraded when something waits or was set aside: %o", async (stats, oldestSeconds) => {
    const spool = spoolPart({ stats: async () => stats, now });
    const { depth, setAside } = stats;
    expect(await spool.probe?.()).toEqual({ state: "degraded", depth, oldestSeconds, setAside });
    expect(await spool.measure?.()).toEqual([
      ["outreach_spool_depth", {}, depth],
      ["outreach_spool_oldest_seconds", {}, oldestSeconds],
      ["outreach_spool_set_aside", {}, setAside],
    ]);
  });
});

describe("the part of Redis", () => {
  const url = "https://redis.test";
  const probe = () => redisPart({ url, token: "secret", requestId: "night-shift-2" }).probe?.();

  it("is up when Redis answers PONG, and hands the request id on", async () => {
    const calls = watchNetwork(() => Response.json({ result: "PONG" }));
    expect(await probe()).toEqual({ state: "up" });
    expect(calls[0]?.headers.get("x-request-id")).toBe("night-shift-2");
    expect(calls[0]?.headers.get("authorization")).toBe("Bearer secret");
    expect(await calls[0]?.json()).toEqual(["PING"]);
  });

  it.each<[string, () => Response]>([
    ["refuses the token", () => new Response(null, { status: 401 })],
    ["says something else", () => Response.json({ error: "LOADING" })],
    ["answers with a page", () => new Response("<html>")],
    ["does not answer", () => Response.error()],
  ])("is degraded, never down, when Redis %s", async (_name, answer) => {
    watchNetwork(() => answer());
    expect(await probe()).toMatchObject({ state: "degraded" });
  });
});
