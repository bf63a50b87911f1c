import { describe, expect, it } from "vitest";
import { readSnowflake } from "../../src/db/snowflake.ts";
import { as, call, postForm, postJson } from "../support/worker/app.ts";
import { aSubmission } from "../support/worker/factories.ts";

describe("submitting an inquiry", () => {
  it("stores JSON and answers with a Snowflake id of node 10 as a string", async () => {
    const answer = await postJson("/inquiries/submit", aSubmission());
    expect(answer.status).toBe(201);
    const { id } = await answer.json<{ id: string }>();
    expect(id).toMatch(/^\d+$/);
    expect(readSnowflake(id).node).toBe(10);
    const stored = await call(`/inquiries/${id}`, { headers: as("employee") });
    expect(stored.status).toBe(200);
  });
});
