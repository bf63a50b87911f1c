import { eq } from "drizzle-orm";
import { describe, expect, it, vi } from "vitest";
import { inquiries } from "../../src/db/schema.ts";
import { readSnowflake } from "../../src/db/snowflake.ts";
import { as, call, database, postForm, postJson } from "../support/worker/app.ts";
import { aForm, anAddress, aSubmission } from "../support/worker/factories.ts";
import { appWith } from "../support/worker/own-app.ts";
import { expectProblem, valueErrors } from "../support/worker/problems.ts";

const ALLOWED = "https://www.shop.test";

interface Accepted {
  id: string;
  receipt: string;
  status: string;
  submittedAt: string;
}

async function submitted(body: Record<string, unknown>, headers: Record<string, string> = {}) {
  const answer = await postJson("/inquiries/submit", body, headers);
  expect(answer.status).toBe(201);
  return { answer, body: await answer.json<Accepted>() };
}

async function inquiryOf(id: string) {
  const answer = await call(`/inquiries/${id}`, { headers: as("employee") });
  expect(answer.status).toBe(200);
  return answer.json<Record<string, unknown>>();
}

async function rowOf(id: string) {
  const [row] = await database().select().from(inquiries).where(eq(inquiries.id, id));
  return row;
}

function postMultipart(form: FormData, headers: Record<string, string> = {}) {
  return call("/inquiries/submit", { method: "POST", body: form, headers });
}

describe("submitting JSON", () => {
  it("answers 201 with a Snowflake id of node 10 as a string, a receipt, the status and the time", async () => {
    const before = Date.now();
    const { body } = await submitted(aSubmission());
    expect(Object.keys(body).sort()).toEqual(["id", "receipt", "status", "submittedAt"]);
    expect(readSnowflake(body.id).node).toBe(10);
    expect(body.status).toBe("NEW");
    expect(body.receipt).not.toBe("");
    expect(Date.parse(body.submittedAt)).toBeGreaterThanOrEqual(before - 1000);
    expect(Date.parse(body.submittedAt)).toBeLessThanOrEqual(Date.now() + 1000);
  });

  it("stores every field as it was sent, trimmed", async () => {
    const submission = aSubmission({
      phone: "+44 20 7946 0018",
      subject: "Delivery",
      source: "contact-page",
      locale: "en-GB",
      metadata: { company: "Harbour Books Ltd" },
    });
    const { body } = await submitted({ ...submission, name: "  Ada Byron  " });
    expect(await inquiryOf(body.id)).toMatchObject({ ...submission, status: "NEW", version: 1 });
  });

  it("keeps text of any script, and line ends as LF", async () => {
    const name = "Ωμέγα 山田 👩‍🚀";
    const unique = crypto.randomUUID();
    const { body } = await submitted(
      aSubmission({ name, message: `שלום\r\nline\rend\t${unique}` }),
    );
    expect(await inquiryOf(body.id)).toMatchObject({
      name,
      message: `שלום\nline\nend\t${unique}`,
    });
  });

  it("refuses an unknown field, a missing one and a malformed one, and names each", async () => {
    const answer = await postJson("/inquiries/submit", {
      message: "Hello",
      email: "nobody",
      status: "RESOLVED",
      "a/b~c": 1,
    });
    const problem = await expectProblem(answer, 422, "validation_failed");
    expect(valueErrors(problem)).toEqual({
      "/name": "required",
      "/email": "invalid_format",
      "/status": "unknown_field",
      "/a~1b~0c": "unknown_field",
    });
  });

  it("answers a body of thousands of wrong fields with fifty of them", async () => {
    const many = Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`field${i}`, i]));
    const problem = await expectProblem(
      await postJson("/inquiries/submit", many),
      422,
      "validation_failed",
    );
    expect(problem.errors).toHaveLength(50);
  });
});

describe("submitting a form", () => {
  it.each([
    ["urlencoded", (form: FormData) => new URLSearchParams([...form] as [string, string][])],
    ["multipart", (form: FormData) => form],
  ])("takes it %s, with unknown fields in metadata", async (_encoding, encode) => {
    const form = new FormData();
    for (const [name, value] of Object.entries(aForm({ budget: " 500 " }))) form.set(name, value);
    const answer = await call("/inquiries/submit", { method: "POST", body: encode(form) });
    expect(answer.status).toBe(201);
    const { id } = await answer.json<Accepted>();
    expect(await inquiryOf(id)).toMatchObject({
      email: form.get("email"),
      message: form.get("message"),
      metadata: { budget: "500" },
    });
  });

  it("joins the values of a repeated field, as checkboxes send them", async () => {
    const form = new FormData();
    for (const [name, value] of Object.entries(aForm())) form.set(name, value);
    form.append("topics", "delivery");
    form.append("topics", "prices");
    const { id } = await (await postMultipart(form)).json<Accepted>();
    expect(await inquiryOf(id)).toMatchObject({ metadata: { topics: "delivery, prices" } });
  });

  it("treats empty optional fields as absent", async () => {
    const form = aForm({ phone: "", subject: "  ", locale: "", company: "" });
    const answer = await postForm("/inquiries/submit", form, { accept: "application/json" });
    const { id } = await answer.json<Accepted>();
    expect(await inquiryOf(id)).toMatchObject({
      phone: null,
      subject: null,
      locale: null,
      metadata: {},
    });
  });

  it("keeps twenty extra fields of five hundred characters, and none that begin with an underscore", async () => {
    const extra = Object.fromEntries(Array.from({ length: 25 }, (_, i) => [`extra${i}`, "x"]));
    const form = aForm({ _gotcha: "a", _redirect: "b", long: "y".repeat(501), ...extra });
    const answer = await postForm("/inquiries/submit", form, { accept: "application/json" });
    const { id } = await answer.json<Accepted>();
    const { metadata } = (await inquiryOf(id)) as { metadata: Record<string, string> };
    expect(Object.keys(metadata)).toHaveLength(20);
    expect(metadata["long"]).toBe("y".repeat(500));
    expect(Object.keys(metadata).filter((key) => key.startsWith("_"))).toEqual([]);
  });

  it("refuses a file and ignores a file field that was left empty", async () => {
    const form = new FormData();
    for (const [name, value] of Object.entries(aForm())) form.set(name, value);
    form.set("a/b", new File(["%PDF"], "plan.pdf"));
    const problem = await expectProblem(await postMultipart(form), 422, "validation_failed");
    expect(valueErrors(problem)).toEqual({ "/a~1b": "file_not_supported" });
    form.set("a/b", new File([], ""));
    expect((await postMultipart(form)).status).toBe(201);
  });
});

describe("what the edge adds", () => {
  it("stores a keyed hash of the client's address and never the address, and the country", async () => {
    const address = anAddress();
    const headers = { "cf-connecting-ip": address, "cf-ipcountry": "GB" };
    const first = await rowOf((await submitted(aSubmission(), headers)).body.id);
    const again = await rowOf((await submitted(aSubmission(), headers)).body.id);
    const other = { "cf-connecting-ip": anAddress(), "x-forwarded-for": address };
    const stranger = await rowOf((await submitted(aSubmission(), other)).body.id);
    expect(first?.country).toBe("GB");
    expect(first?.clientHash).toMatch(/^[\w-]{43}$/);
    expect(again?.clientHash).toBe(first?.clientHash);
    expect(stranger?.clientHash).not.toBe(first?.clientHash);
    expect(JSON.stringify([first, again, stranger])).not.toContain(address);
  });

  it("takes a harmless X-Request-Id and replaces any other", async () => {
    const headers = { "x-request-id": "Desk_1.2-3" };
    expect((await submitted(aSubmission(), headers)).answer.headers.get("x-request-id")).toBe(
      "Desk_1.2-3",
    );
    for (const hostile of ["a b", "x".repeat(65), '"><script>', ""]) {
      const { answer } = await submitted(aSubmission(), { "x-request-id": hostile });
      expect(answer.headers.get("x-request-id")).toMatch(/^[\da-f-]{36}$/);
    }
  });

  it("writes no address, message, name or IP to the log", async () => {
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    const address = anAddress();
    const submission = aSubmission({ name: `Ada ${crypto.randomUUID()}`, phone: "+44 7946 0018" });
    const app = appWith();
    const post = (body: unknown) =>
      app.call("/inquiries/submit", {
        method: "POST",
        headers: { "content-type": "application/json", "cf-connecting-ip": address },
        body: JSON.stringify(body),
      });
    expect((await post(submission)).status).toBe(201);
    expect((await post({ ...submission, unknown: 1 })).status).toBe(422);
    await app.settled();
    const lines = log.mock.calls.map(String).join("\n");
    log.mockRestore();
    expect(lines).toContain("Inquiry SENT");
    for (const secret of [...Object.values(submission), address]) {
      expect(lines).not.toContain(secret);
    }
  });
});

describe("CORS", () => {
  it("lets a page of an allowed origin read the answer, success or problem", async () => {
    for (const body of [aSubmission(), {}]) {
      const answer = await postJson("/inquiries/submit", body, { origin: ALLOWED });
      expect(answer.headers.get("access-control-allow-origin")).toBe(ALLOWED);
      const exposed = answer.headers.get("access-control-expose-headers")?.toLowerCase();
      for (const header of ["x-request-id", "retry-after", "idempotency-replayed", "etag"]) {
        expect(exposed?.split(",")).toContain(header);
      }
      expect(answer.headers.get("vary")?.toLowerCase()).toContain("origin");
    }
  });

  it.each(["https://evil.test", "null", "https://www.shop.test.evil.test", "http://www.shop.test"])(
    "grants nothing to %s",
    async (origin) => {
      const answer = await postJson("/inquiries/submit", aSubmission(), { origin });
      expect(answer.status).toBe(201);
      expect(answer.headers.get("access-control-allow-origin")).toBeNull();
      expect(answer.headers.get("access-control-allow-credentials")).toBeNull();
    },
  );

  it("answers a preflight of an allowed origin", async () => {
    const preflight = (origin: string) =>
      call("/inquiries/submit", {
        method: "OPTIONS",
        headers: {
          origin,
          "access-control-request-method": "POST",
          "access-control-request-headers": "content-type,idempotency-key",
        },
      });
    const answer = await preflight(ALLOWED);
    expect(answer.status).toBe(204);
    expect(answer.headers.get("access-control-allow-origin")).toBe(ALLOWED);
    expect(answer.headers.get("access-control-allow-methods")).toContain("POST");
    const allowed = answer.headers.get("access-control-allow-headers")?.toLowerCase();
    expect(allowed).toContain("idempotency-key");
    expect((await preflight("https://evil.test")).headers.has("access-control-allow-origin")).toBe(
      false,
    );
  });
});
