import { runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { as, call, postForm, postJson } from "../support/worker/app.ts";
import { aForm, aSubmission } from "../support/worker/factories.ts";
import { watchNetwork } from "../support/worker/network.ts";
import { appWith } from "../support/worker/own-app.ts";
import { expectProblem } from "../support/worker/problems.ts";
import {
  aSetAsideWrite,
  databaseAway,
  eventsIn,
  rowsUnder,
  shardHolding,
} from "../support/worker/spool.ts";

const SUBMIT = "/inquiries/submit";

function asJson(body: unknown, headers: Record<string, string> = {}): RequestInit {
  return {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  };
}

interface Answer {
  id?: string;
  receipt: string;
  status: string;
  submittedAt: string;
}

describe("a submission in whose way others are", () => {
  it("is queued, and takes nobody after it for a sign that the database is away", async () => {
    const own = appWith();
    let inTheWay = true;
    watchNetwork((request) => {
      if (!inTheWay || new URL(request.url).pathname !== "/sql") return undefined;
      return Response.json({ message: "deadlock detected", code: "40P01" }, { status: 400 });
    });
    for (let time = 0; time < 4; time += 1) {
      expect((await own.call(SUBMIT, asJson(aSubmission()))).status).toBe(202);
    }
    inTheWay = false;
    expect((await own.call(SUBMIT, asJson(aSubmission()))).status).toBe(201);
  });
});

describe("a submission while the database is away", () => {
  it("is queued with a receipt, and later stored once under it and announced once", async () => {
    const { comesBack } = databaseAway();
    const answer = await postJson(SUBMIT, aSubmission());
    expect(answer.status).toBe(202);
    const { receipt, status, submittedAt, id } = await answer.json<Answer>();
    expect({ status, id }).toEqual({ status: "QUEUED", id: undefined });

    const shard = await shardHolding(receipt);
    comesBack();
    await runDurableObjectAlarm(shard);

    const rows = await rowsUnder(receipt);
    expect(rows).toHaveLength(1);
    expect(rows[0]?.submittedAt.toISOString()).toBe(submittedAt);
    expect((await shard.stats()).depth).toBe(0);
    const events = await eventsIn("inquiries");
    expect(events.filter((event) => event.data.id === rows[0]?.id)).toHaveLength(1);
  });

  it("is answered with the same receipt again, marked, while it waits", async () => {
    databaseAway();
    const body = aSubmission();
    const first = await postJson(SUBMIT, body);
    const second = await postJson(SUBMIT, body);
    expect([first.status, second.status]).toEqual([202, 202]);
    expect(second.headers.get("idempotency-replayed")).toBe("true");
    expect(await second.json()).toEqual(await first.json());
  });

  it("is refused when its key waits with another text", async () => {
    databaseAway();
    const key = { "idempotency-key": crypto.randomUUID() };
    expect((await postJson(SUBMIT, aSubmission(), key)).status).toBe(202);
    const other = await postJson(SUBMIT, aSubmission(), key);
    await expectProblem(other, 422, "idempotency_key_reused");
  });

  it("is stored when it comes again after the database has come back, and only once", async () => {
    const { comesBack } = databaseAway();
    const own = appWith();
    const key = crypto.randomUUID();
    const request = asJson(aSubmission(), { "idempotency-key": key });
    expect((await own.call(SUBMIT, request)).status).toBe(202);
    const shard = await shardHolding(key);
    comesBack();
    const again = await own.call(SUBMIT, request);
    expect(again.status).toBe(201);
    await own.settled();
    await runDurableObjectAlarm(shard);
    expect(await rowsUnder(key)).toHaveLength(1);
    const { id } = await again.json<Answer>();
    const events = await eventsIn("inquiries");
    expect(events.filter((event) => event.data.id === id)).toHaveLength(1);
  });

  it("shows a browser the same thank-you page", async () => {
    databaseAway();
    const answer = await postForm(SUBMIT, aForm());
    expect(answer.status).toBe(200);
    expect(await answer.text()).toMatch(/Receipt: content\.\d+\.[\w-]{43}/);
  });

  it("waits for nobody once three have waited in vain, and asks again in the background", async () => {
    const { calls, comesBack } = databaseAway();
    const own = appWith();
    const send = async () => (await own.call(SUBMIT, asJson(aSubmission()))).status;
    for (let n = 0; n < 3; n += 1) expect(await send()).toBe(202);
    await own.settled();
    const before = calls.length;
    for (let n = 0; n < 10; n += 1) expect(await send()).toBe(202);
    // In the background it may have been asked again, once a second.
    expect(calls.length - before).toBeLessThan(5);

    comesBack();
    await expect
      .poll(
        async () => {
          const status = await send();
          await own.settled();
          return status;
        },
        { timeout: 15_000 },
      )
      .toBe(201);
  });
});

it("has a message of a visitor who closes the page as soon as it is sent", async () => {
  const key = crypto.randomUUID();
  const request = asJson(aSubmission(), { "idempotency-key": key });
  await appWith().callAndLeave(SUBMIT, request);
  expect(await rowsUnder(key)).toHaveLength(1);
});

describe("a submission that can be made durable nowhere", () => {
  const unreachable = {
    getByName: () => ({ accept: () => Promise.reject(new Error("unreachable")) }),
  };

  it("is refused with 503 and Retry-After, and nothing of it is stored", async () => {
    const { comesBack } = databaseAway();
    const key = crypto.randomUUID();
    const request = asJson(aSubmission(), { "idempotency-key": key });
    const answer = await appWith({ SPOOL: unreachable }).call(SUBMIT, request);
    await expectProblem(answer, 503, "intake_unavailable");
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    comesBack();
    expect(await rowsUnder(key)).toHaveLength(0);
    await expect(shardHolding(key)).rejects.toThrow();
  });

  it("is given back to a browser in a form that holds what was typed", async () => {
    databaseAway();
    const form = aForm({ message: "Please <call> me" });
    const answer = await appWith({ SPOOL: unreachable }).call(SUBMIT, {
      method: "POST",
      headers: { accept: "text/html" },
      body: new URLSearchParams(form),
    });
    expect(answer.status).toBe(503);
    expect(answer.headers.has("retry-after")).toBe(true);
    const page = await answer.text();
    expect(page).toContain("Please &lt;call&gt; me");
    expect(page).toContain(form["email"]);
  });
});

describe("readyz", () => {
  it("counts what waits, and is degraded while the database is away", async () => {
    const { comesBack } = databaseAway();
    const { receipt } = await (await postJson(SUBMIT, aSubmission())).json<Answer>();
    const away = await appWith().call("//readyz");
    expect(away.status).toBe(200);
    const { status, parts } = await away.json<{
      status: string;
      parts: Record<string, { state: string; depth?: number }>;
    }>();
    expect(status).toBe("degraded");
    expect(parts).toMatchObject({
      postgres: { state: "down" },
      spool: { state: "degraded", oldestSeconds: expect.any(Number), setAside: 0 },
    });
    expect(parts["spool"]?.depth).toBeGreaterThan(0);
    comesBack();
    await runDurableObjectAlarm(await shardHolding(receipt));
  });

  it("is degraded when a shard of the spool cannot be reached", async () => {
    const broken = { getByName: () => ({ stats: () => Promise.reject(new Error("gone")) }) };
    const answer = await appWith({ SPOOL: broken }).call("//readyz");
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({
      status: "degraded",
      parts: { spool: { state: "down" } },
    });
  });
});

describe("writes that were set aside", () => {
  const LIST = "/spool/set-aside";

  it("are listed with the reason for the OWNER", async () => {
    const { id, reason } = await aSetAsideWrite();
    expect(reason).toBe("sqlstate_22021");
    const one = await call(`${LIST}/${id}`, { headers: as("owner") });
    expect(await one.json()).toMatchObject({ id, reason, command: "inquiry.submit" });
  });

  it("are refused again when they are retried unchanged", async () => {
    const { id } = await aSetAsideWrite();
    const retried = await call(`${LIST}/${id}/retry`, { method: "POST", headers: as("owner") });
    expect(retried.status).toBe(204);
    await runDurableObjectAlarm(env.SPOOL.getByName("1"));
    expect((await call(`${LIST}/${id}`, { headers: as("owner") })).status).toBe(200);
  });

  it("are gone once they are discarded", async () => {
    const { id } = await aSetAsideWrite();
    const path = `${LIST}/${id}`;
    const discard = () => call(path, { method: "DELETE", headers: as("owner") });
    expect((await discard()).status).toBe(204);
    await expectProblem(await discard(), 404, "set_aside_not_found");
    await expectProblem(await call(path, { headers: as("owner") }), 404, "set_aside_not_found");
    const retry = await call(`${path}/retry`, { method: "POST", headers: as("owner") });
    await expectProblem(retry, 404, "set_aside_not_found");
  });

  it.each(["employee", "cashier", "visitor"] as const)("are not shown to %s", async (who) => {
    await expectProblem(await call(LIST, { headers: as(who) }), 403, "forbidden");
    await expectProblem(
      await call(`${LIST}/0-1`, { method: "DELETE", headers: as(who) }),
      403,
      "forbidden",
    );
  });

  it.each(["9-1", "0-x", "0", "0-1e3"])("have no id like %s", async (id) => {
    await expectProblem(await call(`${LIST}/${id}`, { headers: as("owner") }), 400, "malformed_id");
  });
});
