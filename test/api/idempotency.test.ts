import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { count, eq } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { inquiries } from "../../src/db/schema.ts";
import { database, postForm, postJson } from "../support/worker/app.ts";
import { aForm, aSubmission } from "../support/worker/factories.ts";
import { appWith } from "../support/worker/own-app.ts";
import { expectProblem } from "../support/worker/problems.ts";

function submit(body: Record<string, unknown>, idempotencyKey?: string) {
  const headers = idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey };
  return postJson("/inquiries/submit", body, headers as Record<string, string>);
}

async function rowsOf(email: unknown): Promise<number> {
  const [row] = await database()
    .select({ rows: count() })
    .from(inquiries)
    .where(eq(inquiries.email, String(email)));
  return row?.rows ?? 0;
}

describe("an Idempotency-Key", () => {
  it("is the receipt, and the same content gets the first answer again, marked as replayed", async () => {
    const submission = aSubmission();
    const key = crypto.randomUUID();
    const first = await submit(submission, key);
    const second = await submit(submission, key);
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(first.headers.get("idempotency-replayed")).toBeNull();
    expect(second.headers.get("idempotency-replayed")).toBe("true");
    const body = await first.json<{ receipt: string }>();
    expect(body.receipt).toBe(key);
    expect(await second.json()).toEqual(body);
    expect(await rowsOf(submission.email)).toBe(1);
  });

  it.each(["name", "message", "phone", "source"])(
    "used with another %s is refused, and nothing is stored",
    async (field) => {
      const submission = aSubmission();
      const key = crypto.randomUUID();
      expect((await submit(submission, key)).status).toBe(201);
      await expectProblem(
        await submit({ ...submission, [field]: "another" }, key),
        422,
        "idempotency_key_reused",
      );
      expect(await rowsOf(submission.email)).toBe(1);
    },
  );

  it("means the same quoted and bare", async () => {
    const submission = aSubmission();
    const key = crypto.randomUUID();
    expect((await submit(submission, `"${key}"`)).status).toBe(201);
    expect((await submit(submission, key)).headers.get("idempotency-replayed")).toBe("true");
  });

  it.each([
    ["empty", ""],
    ["an empty string", '""'],
    ["of 129 characters", "x".repeat(129)],
    ["with a space", "a b"],
    ["with a quote inside", '"a"b"'],
    ["half quoted", '"abc'],
    ["with a backslash", "a\\b"],
    ["that looks like one of ours", "content.1.abc"],
  ])("%s is refused, and nothing is stored", async (_what, key) => {
    const submission = aSubmission();
    await expectProblem(await submit(submission, key), 400, "invalid_idempotency_key");
    expect(await rowsOf(submission.email)).toBe(0);
  });

  it("may have 128 characters", async () => {
    const key = crypto.randomUUID().padEnd(128, "x");
    expect((await submit(aSubmission(), key)).status).toBe(201);
  });

  it("sent twenty times at once makes one row and one event", async () => {
    const submission = aSubmission();
    const app = appWith();
    const headers = {
      "content-type": "application/json",
      "idempotency-key": crypto.randomUUID(),
    };
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        app.call("/inquiries/submit", {
          method: "POST",
          headers,
          body: JSON.stringify(submission),
        }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
    const replayed = answers.filter(({ headers }) => headers.has("idempotency-replayed"));
    expect(replayed).toHaveLength(19);
    const bodies = await Promise.all(answers.map((answer) => answer.text()));
    expect(new Set(bodies).size).toBe(1);
    expect(await rowsOf(submission.email)).toBe(1);

    await app.settled();
    const { id } = JSON.parse(bodies[0] ?? "") as { id: string };
    const announced = await runInDurableObject(env.ROOMS.getByName("inquiries"), (_, { storage }) =>
      storage.sql.exec("SELECT id FROM events WHERE data LIKE ?", `%"id":"${id}"%`).toArray(),
    );
    expect(announced).toHaveLength(1);
  });
});

describe("without an Idempotency-Key", () => {
  it("a double click is one inquiry, also as a form", async () => {
    const submission = aSubmission();
    const first = await submit(submission);
    const second = await submit(submission);
    expect(second.headers.get("idempotency-replayed")).toBe("true");
    expect(await second.json()).toEqual(await first.json());
    expect(await rowsOf(submission.email)).toBe(1);

    const form = aForm();
    const clicks = [postForm("/inquiries/submit", form), postForm("/inquiries/submit", form)];
    expect((await Promise.all(clicks)).map(({ status }) => status)).toEqual([200, 200]);
    expect(await rowsOf(form["email"])).toBe(1);
  });

  it.each(["message", "phone", "name"])("another %s is another inquiry", async (field) => {
    const submission = aSubmission();
    await submit(submission);
    const second = await submit({ ...submission, [field]: "another" });
    expect(second.status).toBe(201);
    expect(second.headers.get("idempotency-replayed")).toBeNull();
    expect(await rowsOf(submission.email)).toBe(2);
  });
});
