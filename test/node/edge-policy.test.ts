import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { unstable_readConfig as readConfig } from "wrangler";
import { EDGE_POLICY, POLICIES } from "../../src/limits/policies.ts";

describe("the first gate", () => {
  it("has the numbers of the policy table in wrangler.toml", () => {
    const config = fileURLToPath(new URL("../../wrangler.toml", import.meta.url));
    const { quota: limit, windowSeconds: period } = EDGE_POLICY;
    expect(readConfig({ config }).ratelimits).toEqual([
      { name: "EDGE_LIMIT", namespace_id: expect.any(String), simple: { limit, period } },
    ]);
  });

  it("refuses nobody whom the policies would let through within its window", () => {
    const bursts = Object.values(POLICIES).map((policies) =>
      Math.min(...policies.filter(({ by }) => by === "client").map(({ quota }) => quota)),
    );
    expect(EDGE_POLICY.quota).toBeGreaterThanOrEqual(2 * Math.max(...bursts));
  });
});
