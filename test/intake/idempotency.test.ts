import { eq, like } from "drizzle-orm";
import { describe, expect, it, vi } from "vitest";
import { inquiries } from "../../src/db/schema.ts";
import { type SubmissionPayload, submission } from "../../src/inquiries/submission.ts";
import { execute } from "../../src/intake/execute.ts";
import { contentKeys, WINDOW_MS } from "../../src/intake/idempotency.ts";
import { database, postJson } from "../support/worker/app.ts";
import { aSubmission } from "../support/worker/factories.ts";
import { watchNetwork } from "../support/worker/network.ts";
import { expectProblem } from "../support/worker/problems.ts";

const submit = (body: unknown, key?: string) =>
  postJson("/inquiries/submit", body, key === undefined ? {} : { "idempotency-key": key });

const rowsOf = (email: string) =>
  database().select().from(inquiries).where(eq(inquiries.email, email));

interface Answer {
  id: string;
  receipt: string;
  status: string;
  submittedAt: string;
}

describe("a submission that is sent more than once", () => {
  it("is one row for a double click, and the second answer is the first one, marked", async () => {
    const body = aSubmission();
    const [first, second] = [await submit(body), await submit(body)];
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(first.headers.has("idempotency-replayed")).toBe(false);
    expect(second.headers.get("idempotency-replayed")).toBe("true");
    expect(await second.json()).toEqual(await first.json());
    expect(await rowsOf(body.email)).toHaveLength(1);
  });

  it("is one row for twenty at once with one key, and all are given the same receipt", async () => {
    const body = aSubmission();
    const key = crypto.randomUUID();
    const answers = await Promise.all(Array.from({ length: 20 }, () => submit(body, key)));
    expect(answers.map((answer) => answer.status)).toEqual(Array(20).fill(201));
    const bodies = await Promise.all(answers.map((answer) => answer.json<Answer>()));
    expect(new Set(bodies.map(({ id, receipt }) => `${id} ${receipt}`)).size).toBe(1);
    const replayed = answers.filter((answer) => answer.headers.has("idempotency-replayed"));
    expect(replayed).toHaveLength(19);
    expect(await rowsOf(body.email)).toHaveLength(1);
  });

  it("is refused when the key comes with another text", async () => {
    const key = crypto.randomUUID();
    const body = aSubmission();
    expect((await submit(body, key)).status).toBe(201);
    const other = await submit({ ...body, message: "Something else" }, key);
    await expectProblem(other, 422, "idempotency_key_reused");
    expect(await rowsOf(body.email)).toHaveLength(1);
  });

  it("is one row when a program sends its metadata in another order", async () => {
    const body = aSubmission({ metadata: { company: "Harbour", budget: "500" } });
    const again = { ...body, metadata: { budget: "500", company: "Harbour" } };
    const key = crypto.randomUUID();
    const answers = [await submit(body, key), await submit(again, key)];
    expect(answers.map(({ status }) => status)).toEqual([201, 201]);
    expect(await rowsOf(body.email)).toHaveLength(1);
  });

  it("is two rows when the same text is sent with two keys", async () => {
    const body = aSubmission();
    await submit(body, crypto.randomUUID());
    await submit(body, crypto.randomUUID());
    expect(await rowsOf(body.email)).toHaveLength(2);
  });
});

describe("the window in which the same text is one submission", () => {
  function aPayload(content: string, now: Date): SubmissionPayload {
    const { key, neighbours, nearBorder } = contentKeys(content, now);
    return {
      status: "NEW",
      name: "Ada Byron",
      email: "ada@example.com",
      message: content,
      spamReasons: [],
      contentHash: content,
      submissionKey: key,
      neighbours,
      nearBorder,
      submittedAt: now.toISOString(),
    };
  }

  /** The start of a window that no other test uses. */
  const aBorder = () => Math.floor(Date.now() / WINDOW_MS) * WINDOW_MS + WINDOW_MS;

  function at(milliseconds: number) {
    vi.setSystemTime(milliseconds);
  }

  it.each([
    ["a double click across its border", -50, 50, 1],
    ["a reload across its border", -60_000, 60_000, 1],
    ["just under ten minutes apart", -1_000, WINDOW_MS - 2_000, 1],
    ["more than ten minutes apart", -1_000, WINDOW_MS, 2],
  ])("counts %s (%i ms, %i ms) as %i", async (_, before, after, count) => {
    const border = aBorder();
    const body = aSubmission();
    try {
      vi.useFakeTimers({ toFake: ["Date"] });
      at(border + before);
      const first = await (await submit(body)).json<Answer>();
      at(border + after);
      const second = await (await submit(body)).json<Answer>();
      expect(second.receipt === first.receipt).toBe(count === 1);
    } finally {
      vi.useRealTimers();
    }
    expect(await rowsOf(body.email)).toHaveLength(count);
  });

  it("has no gap for two that are under way at once on both sides of its border", async () => {
    const border = aBorder();
    const twins = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const content = crypto.randomUUID();
        const outcomes = await Promise.all(
          [border - 20, border + 20].map((time) =>
            execute({ db: database(), nodeId: 10 }, submission, aPayload(content, new Date(time))),
          ),
        );
        return outcomes.map((outcome) => outcome.kind === "stored" && outcome.result.submissionKey);
      }),
    );
    for (const [left, right] of twins) expect(left).toBe(right);
  });

  it.each([0, 300_000])("costs one round trip %i ms after its border", async (after) => {
    try {
      vi.useFakeTimers({ toFake: ["Date"] });
      at(aBorder() + after);
      const calls = watchNetwork();
      expect((await submit(aSubmission())).status).toBe(201);
      expect(calls.filter((call) => call.url.endsWith("/sql"))).toHaveLength(1);
    } finally {
      vi.useRealTimers();
    }
  });
});

it("does not store anything but once under a key of our own making", async () => {
  const body = aSubmission();
  await submit(body);
  const [row] = await rowsOf(body.email);
  const own = row?.submissionKey ?? "";
  await expectProblem(await submit(body, own), 400, "invalid_idempotency_key");
  expect(
    await database().select().from(inquiries).where(like(inquiries.submissionKey, own)),
  ).toHaveLength(1);
});
