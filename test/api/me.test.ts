import { describe, expect, it } from "vitest";
import { as, call } from "../support/worker/app.ts";

interface Me {
  subject: string;
  name: string | null;
  roles: string[];
  expiresAt: string;
  permissions: { object: string; action: string }[];
}

async function me(who: "owner" | "employee" | "cashier" | "visitor"): Promise<Me> {
  const answer = await call("/me", { headers: as(who) });
  expect(answer.status).toBe(200);
  return answer.json<Me>();
}

describe("GET /me", () => {
  it("says who the token is of, until when, and what its roles may do", async () => {
    const { expiresAt, ...rest } = await me("cashier");
    expect(rest).toEqual({
      subject: "clara",
      name: null,
      roles: ["CASHIER"],
      permissions: [
        { object: "inquiry", action: "read" },
        { object: "inquiry", action: "triage" },
        { object: "room", action: "inquiries" },
      ],
    });
    expect(new Date(expiresAt).toISOString()).toBe(expiresAt);
    expect(Date.parse(expiresAt)).toBeGreaterThan(Date.now());
  });

  it("names nothing twice and everything that the routes let an owner do", async () => {
    const { permissions } = await me("owner");
    expect(permissions).toContainEqual({ object: "inquiry", action: "contact" });
    expect(permissions).toContainEqual({ object: "room", action: "operations" });
    expect(new Set(permissions.map((each) => JSON.stringify(each))).size).toBe(permissions.length);
  });

  it("answers somebody without a role, who may do nothing", async () => {
    expect(await me("visitor")).toMatchObject({ roles: [], permissions: [] });
  });

  it("is not kept by any cache", async () => {
    const answer = await call("/me", { headers: as("employee") });
    expect(answer.headers.get("cache-control")).toBe("no-store");
  });

  it.each([
    ["no token", {}],
    ["an expired token", as("expired")],
    ["a token of another provider", as("foreign")],
    ["a token longer than any of ours", { authorization: `Bearer ${"a".repeat(9000)}` }],
  ])("refuses %s with a challenge", async (_what, headers) => {
    const answer = await call("/me", { headers });
    expect(answer.status).toBe(401);
    expect(answer.headers.get("www-authenticate")).toMatch(/^Bearer/);
    expect(await answer.json()).toMatchObject({ code: "unauthenticated" });
  });
});
