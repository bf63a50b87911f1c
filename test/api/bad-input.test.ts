import { describe, expect, it } from "vitest";
import { as, call, postJson } from "../support/worker/app.ts";
import { aSubmission, storeInquiry } from "../support/worker/factories.ts";
import { expectProblem, valueErrors } from "../support/worker/problems.ts";

describe("an id that is none", () => {
  it.each([
    "0",
    "-1",
    "+1",
    "01",
    "abc",
    "1.0",
    "1e3",
    "0x1",
    "%20",
    "１２",
    "1%00",
    "1'--",
    "%E0%A4%A",
    "9223372036854775808",
    "123456789012345678901",
    "9".repeat(4000),
  ])("%.30s is refused", async (id) => {
    const answer = await call(`/inquiries/${id}`, { headers: as("owner") });
    await expectProblem(answer, 400, "malformed_id");
  });

  it("is told apart from one that nobody has", async () => {
    const answer = await call("/inquiries/9223372036854775807", { headers: as("owner") });
    await expectProblem(answer, 404, "inquiry_not_found");
  });
});

describe("a list that cannot be", () => {
  const list = (query: string) => call(`/inquiries?${query}`, { headers: as("owner") });

  it.each([
    ["limit=0", "?limit"],
    ["limit=-1", "?limit"],
    ["limit=201", "?limit"],
    ["limit=NaN", "?limit"],
    ["limit=1.5", "?limit"],
    ["limit=1e999", "?limit"],
    ["limit=", "?limit"],
    ["limit=1&limit=2", "?limit"],
    ["cursor=a&cursor=b", "?cursor"],
    ["status=OPEN", "?status"],
    ["status=new", "?status"],
    ["status=NEW&status=OPEN", "?status"],
    ["status=%00", "?status"],
    ["from=2026-02-30T00:00:00Z", "?from"],
    ["from=0000-01-01T00:00:00Z", "?from"],
    ["from=0001-01-01T00:00:00%2B14:00", "?from"],
    ["to=9999-12-31T23:59:59-14:00", "?to"],
  ])("%s", async (query, pointer) => {
    const problem = await expectProblem(await list(query), 422, "validation_failed");
    expect(Object.keys(valueErrors(problem))).toEqual([pointer]);
  });

  it.each([
    ["empty", ""],
    ["garbage", "garbage"],
    ["an id in base64 without a signature", btoa("250270611488677888")],
    ["signed with nothing", `${btoa("1").replaceAll("=", "")}.${"A".repeat(43)}`],
    ["SQL", "1.' or 1=1--"],
    ["NUL", "%00"],
    ["endless", "A".repeat(4000)],
  ])("a cursor that is %s", async (_what, cursor) => {
    await expectProblem(await list(`cursor=${cursor}`), 400, "invalid_cursor");
  });

  it("a cursor that was cut, changed, or made for other filters", async () => {
    await Promise.all([storeInquiry(), storeInquiry()]);
    const { nextCursor } = await (await list("limit=1")).json<{ nextCursor: string }>();
    expect((await list(`cursor=${encodeURIComponent(nextCursor)}`)).status).toBe(200);
    const [id = "", signature = ""] = nextCursor.split(".");
    const earlier = btoa(String(BigInt(atob(id)) - 1n)).replaceAll("=", "");
    for (const query of [
      `cursor=${nextCursor.slice(0, -1)}`,
      `cursor=${id}.`,
      `cursor=${earlier}.${signature}`,
      `cursor=${nextCursor}&status=NEW`,
    ]) {
      await expectProblem(await list(query), 400, "invalid_cursor");
    }
  });

  it("a parameter that nobody knows changes nothing, however often it comes", async () => {
    expect((await list("limit=1&colour=1&colour=2")).status).toBe(200);
  });
});

describe("an If-Match header", () => {
  it("that is endless matches nothing", async () => {
    const id = await storeInquiry();
    const headers = { ...as("owner"), "if-match": `"v2${"2".repeat(4000)}"` };
    const answer = await call(`/inquiries/${id}`, { method: "DELETE", headers });
    await expectProblem(answer, 412, "stale_version");
  });
});

describe("an address that is none", () => {
  it.each(["/nothing", "/inquiries/1/nothing", "//v2/api/outreach/inquiries", "//healthz/x"])(
    "%s",
    async (path) => {
      await expectProblem(await call(path, { headers: as("owner") }), 404, "route_not_found");
    },
  );

  it.each([
    ["PUT", "/inquiries/submit", "POST"],
    ["GET", "/inquiries/submit", "POST"],
    ["DELETE", "/inquiries/submit", "POST"],
    ["GET", "/subscribers/subscribe", "POST"],
    ["PATCH", "/subscribers/subscribe", "POST"],
    ["DELETE", "/inquiries", "GET"],
    ["PUT", "/inquiries/1", "GET"],
    ["POST", "/rooms/inquiries", "GET"],
    ["POST", "//healthz", "GET"],
    ["POST", "/doc/openapi.json", "GET"],
  ])("%s %s is told what is allowed", async (method, path, allowed) => {
    const answer = await call(path, { method, headers: as("owner") });
    expect(answer.headers.get("allow")?.split(", ")).toContain(allowed);
    expect(answer.headers.get("allow")?.split(", ")).not.toContain(method);
    await expectProblem(answer, 405, "method_not_allowed");
  });
});

describe("an Accept header", () => {
  it.each(["image/png", "application/xml", "text/plain;q=1, audio/*"])(
    "that names nothing we produce is refused on a read: %s",
    async (accept) => {
      const answer = await call("/inquiries", { headers: { ...as("owner"), accept } });
      await expectProblem(answer, 406, "not_acceptable");
    },
  );

  it.each(["*/*", "application/json", "text/html, image/png;q=0.8", "application/*;q=0.1"])(
    "that names something is fine: %s",
    async (accept) => {
      const answer = await call("/inquiries", { headers: { ...as("owner"), accept } });
      expect(answer.status).toBe(200);
    },
  );

  it("never costs a lead", async () => {
    const answer = await postJson("/inquiries/submit", aSubmission(), { accept: "image/png" });
    expect(answer.status).toBe(201);
  });
});
