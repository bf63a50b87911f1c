import { expect, it, vi } from "vitest";
import { as } from "../support/worker/app.ts";
import { aSubmission } from "../support/worker/factories.ts";
import { METRICS_TOKEN } from "../support/worker/metrics.ts";
import { appWith } from "../support/worker/own-app.ts";
import { observe } from "../support/worker/sockets.ts";
import { databaseAway, drain, shardHolding } from "../support/worker/spool.ts";

const postOf = (body: unknown, headers: Record<string, string>) => ({
  method: "POST",
  headers: { "content-type": "application/json", ...headers },
  body: JSON.stringify(body),
});

it("passes the id of a request on to the rooms, the spool and the hubs, which log it", async () => {
  const lines = vi.spyOn(console, "log");
  const messagesOf = (id: string) =>
    lines.mock.calls
      .map(([line]) => JSON.parse(String(line)) as { requestId?: string; message: string })
      .filter(({ requestId }) => requestId === id)
      .map(({ message }) => message);
  const stored = crypto.randomUUID();
  const app = appWith({ METRICS_TOKEN });
  await app.call("/inquiries/submit", postOf(aSubmission(), { "x-request-id": stored }));
  await app.settled();
  expect(messagesOf(stored)).toEqual(
    expect.arrayContaining(["request", "room published to", "counters handed over"]),
  );
  const queued = crypto.randomUUID();
  const { comesBack } = databaseAway();
  const key = crypto.randomUUID();
  const headers = { "x-request-id": queued, "idempotency-key": key };
  await appWith().call("/inquiries/submit", postOf(aSubmission(), headers));
  expect(messagesOf(queued)).toContain("write taken in");
  comesBack();
  await drain(await shardHolding(key));
  const observed = crypto.randomUUID();
  await observe("inquiries", { ...as("owner"), "x-request-id": observed });
  expect(messagesOf(observed)).toContain("room entered");
  lines.mockRestore();
});
