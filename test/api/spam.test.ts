import { eq } from "drizzle-orm";
import { describe, expect, inject, it } from "vitest";
import { inquiries } from "../../src/db/schema.ts";
import type { RoomEvent } from "../../src/rooms/protocol.ts";
import { anAddress } from "../support/worker/address.ts";
import { as, call, database, postForm, postJson } from "../support/worker/app.ts";
import { bodyOf, patchJson } from "../support/worker/desk.ts";
import { aForm, aSubmission } from "../support/worker/factories.ts";
import { watchNetwork } from "../support/worker/network.ts";
import { appWith } from "../support/worker/own-app.ts";
import { observe } from "../support/worker/sockets.ts";

interface Accepted {
  id: string;
  receipt: string;
  status: string;
  submittedAt: string;
}

async function rowOfMail(email: unknown) {
  const [row] = await database()
    .select()
    .from(inquiries)
    .where(eq(inquiries.email, String(email)));
  return row;
}

/** An app whose rooms only note who is told of what. */
function anApp(changes: Record<string, unknown> = {}) {
  const told: string[] = [];
  const ROOMS = {
    getByName: (room: string) => ({
      publish: async (events: { type: string }[]) => {
        told.push(...events.map(({ type }) => `${room}: ${type}`));
      },
    }),
  };
  const app = appWith({ ROOMS, ...changes });
  const submit = (body: unknown, headers: Record<string, string> = {}) =>
    app.call("/inquiries/submit", {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "cf-connecting-ip": anAddress(),
        ...headers,
      },
      body: JSON.stringify(body),
    });
  return { ...app, told, submit };
}

/** What a caller can see of an answer, without what differs between any two. */
async function shapeOf(answer: Response) {
  const text = (await answer.text())
    .replaceAll(/content\.\d+\.[\w-]{43}/g, "receipt")
    .replaceAll(/nonce-[\da-f-]{36}|nonce="[\da-f-]{36}"/g, "nonce")
    .replaceAll(/"id":"\d+"/g, "id")
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "time");
  const headers = [...answer.headers]
    .filter(([name]) => name !== "x-request-id")
    .map(([name, value]) => [name, value.replaceAll(/nonce-[\da-f-]{36}|t=\d+|r=\d+/g, "")]);
  return { status: answer.status, headers, text };
}

describe("the honeypot", () => {
  it.each<[string, (gotcha: Record<string, string>) => Promise<[Response, string]>]>([
    [
      "JSON",
      async (gotcha) => {
        const submission = aSubmission(gotcha);
        return [await postJson("/inquiries/submit", submission), String(submission.email)];
      },
    ],
    [
      "a browser's form",
      async (gotcha) => {
        const form = aForm(gotcha);
        return [await postForm("/inquiries/submit", form), form["email"] ?? ""];
      },
    ],
    [
      "a form that is redirected",
      async (gotcha) => {
        const form = aForm({ ...gotcha, _redirect: "https://www.shop.test/thanks" });
        return [await postForm("/inquiries/submit", form), form["email"] ?? ""];
      },
    ],
    [
      "a program's form",
      async (gotcha) => {
        const form = aForm(gotcha);
        const answer = await postForm("/inquiries/submit", form, { accept: "application/json" });
        return [answer, form["email"] ?? ""];
      },
    ],
  ])("through %s is answered exactly like a success, and filed", async (_, send) => {
    const [honest, honestMail] = await send({});
    const [caught, caughtMail] = await send({ _gotcha: "https://pills.test" });
    expect(await shapeOf(caught)).toEqual(await shapeOf(honest));
    expect(await rowOfMail(caughtMail)).toMatchObject({
      status: "CANCELLED",
      spamReasons: ["honeypot"],
      metadata: {},
    });
    expect(await rowOfMail(honestMail)).toMatchObject({ status: "NEW", spamReasons: [] });
  });

  it("is not announced, and the replay of a hit is a replay like any other", async () => {
    const app = anApp();
    const submission = aSubmission({ _gotcha: "x" });
    const first = await (await app.submit(submission)).json<Accepted>();
    const again = await app.submit(submission);
    expect(again.headers.get("idempotency-replayed")).toBe("true");
    expect(await again.json()).toEqual(first);
    await app.submit(aSubmission());
    await app.settled();
    expect(app.told).toEqual(["inquiries: inquiry.submitted"]);
  });

  it("is announced like a new inquiry once the desk has set it back to NEW, and not before", async () => {
    const observer = await observe("inquiries", as("owner"));
    const caught = await postJson("/inquiries/submit", aSubmission({ _gotcha: "x" }));
    const { id } = await caught.json<Accepted>();
    const honest = await postJson("/inquiries/submit", aSubmission());
    const { id: honestId } = await honest.json<Accepted>();
    const heardUntil = async (last: string) => {
      const heard: RoomEvent[] = [];
      while (!heard.some(({ data }) => (data as Accepted).id === last)) {
        heard.push(...(await observer.nextEvents()));
      }
      return heard.filter(({ data }) => (data as Accepted).id === id);
    };
    expect(await heardUntil(honestId)).toEqual([]);
    const revived = await bodyOf(patchJson(`/inquiries/${id}`, { status: "NEW" }));
    expect(await heardUntil(id)).toMatchObject([
      {
        type: "inquiry.submitted",
        data: { ...(revived as object), status: "NEW", spamReasons: [] },
      },
    ]);
  });

  it.each([true, 1, "x", {}, ["x"]])("is hit by %j in JSON", async (value) => {
    const submission = aSubmission({ _gotcha: value });
    expect((await postJson("/inquiries/submit", submission)).status).toBe(201);
    expect(await rowOfMail(submission.email)).toMatchObject({ spamReasons: ["honeypot"] });
  });

  it.each(["", "  ", null, false])("is not hit by %j", async (value) => {
    const submission = aSubmission({ _gotcha: value });
    expect((await postJson("/inquiries/submit", submission)).status).toBe(201);
    expect(await rowOfMail(submission.email)).toMatchObject({ status: "NEW", spamReasons: [] });
  });

  it("does not make other unknown fields of JSON welcome", async () => {
    expect((await postJson("/inquiries/submit", aSubmission({ _other: "" }))).status).toBe(422);
  });
});

describe("the form stamp", () => {
  const START = Date.now();

  async function stampedAt(age: number): Promise<string> {
    const { stamp } = await (await call("/forms/stamp")).json<{ stamp: string }>();
    const { makeStamp } = await import("../../src/intake/spam-stamp.ts");
    const { createSigner } = await import("../../src/auth/signing.ts");
    const key = Uint8Array.fromBase64(inject("workerBindings")["SIGNING_KEY"] ?? "");
    const made = await makeStamp(createSigner(key), new Date(Date.now() - age));
    expect(made.length).toBe(stamp.length);
    return made;
  }

  it("comes from GET /forms/stamp, fresh and never cached", async () => {
    const answer = await call("/forms/stamp");
    expect(answer.status).toBe(200);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    const body = await answer.json<{ stamp: string; expiresAt: string; turnstileSiteKey: null }>();
    expect(body).toMatchObject({ minimumFillSeconds: 3, turnstileSiteKey: null });
    expect(Date.parse(body.expiresAt)).toBeGreaterThan(START + 6 * 24 * 3_600_000);
  });

  it.each([
    ["filled in within three seconds", 0, ["filled_too_fast"]],
    ["filled in within ten seconds", 10_000, []],
    ["left open over the weekend", 3 * 24 * 3_600_000, []],
    ["left open for eight days", 8 * 24 * 3_600_000, ["stamp_expired"]],
    ["from the future", -60_000, ["filled_too_fast"]],
  ])("of a form %s", async (_, age, reasons) => {
    const submission = aSubmission({ _stamp: await stampedAt(age) });
    expect((await postJson("/inquiries/submit", submission)).status).toBe(201);
    expect(await rowOfMail(submission.email)).toMatchObject({ spamReasons: reasons });
    const form = aForm({ _stamp: await stampedAt(age) });
    await postForm("/inquiries/submit", form);
    expect(await rowOfMail(form["email"])).toMatchObject({ spamReasons: reasons, metadata: {} });
  });

  it.each(["x", "mhw3k2p0", `mhw3k2p0.${"A".repeat(43)}`, 42, "\0"])(
    "that is not ours is a reason: %j",
    async (stamp) => {
      const submission = aSubmission({ _stamp: stamp });
      expect((await postJson("/inquiries/submit", submission)).status).toBe(201);
      expect(await rowOfMail(submission.email)).toMatchObject({ spamReasons: ["stamp_invalid"] });
    },
  );

  it.each([undefined, null, ""])("may be absent: %j", async (stamp) => {
    const submission = aSubmission({ _stamp: stamp });
    await postJson("/inquiries/submit", submission);
    expect(await rowOfMail(submission.email)).toMatchObject({ spamReasons: [] });
  });
});

describe("what was written", () => {
  const links = (count: number) =>
    Array.from({ length: count }, (_, n) => `https://a${n}.test/x`).join(" ");

  it.each<[string, Record<string, unknown>, string[]]>([
    ["five links", { message: `Look: ${links(5)}` }, []],
    ["six links", { message: `Look: ${links(6)}` }, ["too_many_links"]],
    ["six links in metadata", { metadata: { more: links(6) } }, ["too_many_links"]],
    ["a link for a name", { name: "Win www.prize.test now" }, ["link_in_name"]],
    ["a name with a dot", { name: "Dr. A. Byron www" }, []],
    ["a link to a blocked domain", { message: "See http://BAD.test./pills" }, ["blocked_domain"]],
    ["a host below it", { message: "See https://very.bad.test:8080/" }, ["blocked_domain"]],
    ["a blocked domain in Unicode", { message: "See https://bücher.test/" }, ["blocked_domain"]],
    ["a blocked mail address", { email: "ada@mail.bad.test" }, ["blocked_domain"]],
    ["a domain that only ends like it", { message: "See https://notbad.test" }, []],
    [
      "everything at once",
      { _gotcha: "x", _stamp: "x", name: "www.bad.test", message: links(7) },
      ["honeypot", "stamp_invalid", "too_many_links", "link_in_name", "blocked_domain"],
    ],
  ])("with %s", async (_, changes, reasons) => {
    const app = anApp({ BLOCKED_DOMAINS: "bad.test, xn--bcher-kva.test" });
    const answer = await app.submit(aSubmission(changes));
    expect(answer.status).toBe(201);
    const { id, status } = await answer.json<Accepted>();
    expect(status).toBe("NEW");
    const [row] = await database().select().from(inquiries).where(eq(inquiries.id, id));
    expect(row?.spamReasons).toEqual(reasons);
    expect(row?.status).toBe(reasons.length === 0 ? "NEW" : "CANCELLED");
  });

  it("is not judged by a list of domains that nobody can read", async () => {
    const answer = await anApp({ BLOCKED_DOMAINS: "bad test" }).call("//readyz");
    expect(await answer.text()).toContain("BLOCKED_DOMAINS");
  });
});

describe("Turnstile", () => {
  const guarded = (changes: Record<string, unknown> = {}) =>
    anApp({ ...inject("turnstile"), ...changes });
  const aToken = (kind: string) => `${kind}-${crypto.randomUUID()}`;
  const isTurnstile = ({ url }: Request) => url === inject("turnstile")["TURNSTILE_VERIFY_URL"];

  it.each<[string, unknown, string[]]>([
    ["a good token", aToken("good"), []],
    ["no token", undefined, ["turnstile_missing"]],
    ["an empty token", "", ["turnstile_missing"]],
    ["a forged token", aToken("forged"), ["turnstile_failed"]],
    ["a token of 3,000 characters", "good".repeat(750), ["turnstile_failed"]],
    ["a token that is not text", { a: 1 }, ["turnstile_failed"]],
  ])("with %s, in JSON", async (_, turnstileToken, reasons) => {
    const submission = aSubmission({ turnstileToken });
    expect((await guarded().submit(submission)).status).toBe(201);
    expect(await rowOfMail(submission.email)).toMatchObject({ spamReasons: reasons });
  });

  it("reads the widget's own field in a form, and stores it nowhere", async () => {
    const form = aForm({ "cf-turnstile-response": aToken("good") });
    const answer = await guarded().call("/inquiries/submit", {
      method: "POST",
      body: new URLSearchParams(form),
    });
    expect(answer.status).toBe(201);
    expect(await rowOfMail(form["email"])).toMatchObject({ spamReasons: [], metadata: {} });
  });

  it("accepts a token for one submission only", async () => {
    const app = guarded();
    const turnstileToken = aToken("good");
    await app.submit(aSubmission({ turnstileToken }));
    const second = aSubmission({ turnstileToken });
    await app.submit(second);
    expect(await rowOfMail(second.email)).toMatchObject({ spamReasons: ["turnstile_failed"] });
  });

  it.each<[string, Record<string, string>]>([
    ["without a key", {}],
    ["under an Idempotency-Key", { "idempotency-key": crypto.randomUUID() }],
  ])("does not spend the token again when a submission is repeated %s", async (_, key) => {
    const app = guarded();
    const calls = watchNetwork();
    const submission = aSubmission({ turnstileToken: aToken("good") });
    const first = await (await app.submit(submission, key)).json<Accepted>();
    const again = await app.submit(submission, key);
    expect([again.status, again.headers.get("idempotency-replayed")]).toEqual([201, "true"]);
    expect(await again.json()).toEqual(first);
    const sent = await Promise.all(
      calls.filter(isTurnstile).map((each) => each.json<Record<string, string>>()),
    );
    expect(sent).toHaveLength(2);
    expect(sent[0]?.["idempotency_key"]).toMatch(/^[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-[89ab]/);
    expect(sent[1]).toEqual({ ...sent[0], remoteip: sent[1]?.["remoteip"] });
    expect(await rowOfMail(submission.email)).toMatchObject({ status: "NEW", spamReasons: [] });
  });

  it("lets the same submission be stored after it could not be the first time", async () => {
    const submission = aSubmission({ turnstileToken: aToken("good") });
    const broken = guarded({ DATABASE_HTTP_ENDPOINT: "http://127.0.0.1:9/sql" });
    expect((await broken.submit(submission)).status).toBeGreaterThanOrEqual(202);
    expect((await guarded().submit(submission)).status).toBe(201);
    expect(await rowOfMail(submission.email)).toMatchObject({ status: "NEW", spamReasons: [] });
  });

  it.each(["down", "confused"])(
    "that is %s narrows the door and does not close it",
    async (kind) => {
      const app = guarded();
      const client = { "cf-connecting-ip": anAddress() };
      const seen: number[] = [];
      for (let n = 0; n < 4; n += 1) {
        const answer = await app.submit(aSubmission({ turnstileToken: aToken(kind) }), client);
        seen.push(answer.status);
        if (answer.status === 429) {
          expect(await answer.json()).toMatchObject({ violatedPolicies: ["unverified"] });
        }
      }
      expect(seen).toEqual([201, 201, 429, 429]);
      const other = aSubmission({ turnstileToken: aToken(kind) });
      expect((await app.submit(other)).status).toBe(201);
      expect(await rowOfMail(other.email)).toMatchObject({ status: "NEW", spamReasons: [] });
    },
  );

  it("with the wrong secret is our fault and nobody else's", async () => {
    const submission = aSubmission({ turnstileToken: aToken("good") });
    expect((await guarded({ TURNSTILE_SECRET: "wrong" }).submit(submission)).status).toBe(201);
    expect(await rowOfMail(submission.email)).toMatchObject({ status: "NEW", spamReasons: [] });
  });

  it("that never answers is not waited for for ever, and after three not asked", async () => {
    const app = guarded();
    const calls = watchNetwork();
    const submit = () => app.submit(aSubmission({ turnstileToken: aToken("silent") }));
    const answers = [...(await Promise.all([submit(), submit(), submit()])), await submit()];
    expect(answers.map(({ status }) => status)).toEqual(Array(4).fill(201));
    expect(calls.filter(({ url }) => url.endsWith("/siteverify"))).toHaveLength(3);
  });
});
