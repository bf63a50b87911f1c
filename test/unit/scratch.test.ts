import {
  createExecutionContext,
  evictDurableObject,
  runInDurableObject,
  waitOnExecutionContext,
} from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { inject, it, vi } from "vitest";
import { createApp } from "../../src/app.ts";

const P = "https://outreach.test/v1/api/outreach";
it("x", async () => {
  const urls: string[] = [];
  const real = globalThis.fetch;
  const spy = vi.spyOn(globalThis, "fetch").mockImplementation((u: any, i: any) => {
    urls.push(String(u instanceof Request ? u.url : u));
    return real(u, i);
  });
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  const r = await exports.default.fetch(
    new Request(P + "/inquiries/submit", {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "content-length": "10",
        "cf-connecting-ip": "1.2.3.4",
        "cf-ipcountry": "GB",
      },
      body: JSON.stringify({
        name: "a",
        email: "a@b.c",
        message: crypto.randomUUID() + "x".repeat(70000),
      }),
    }),
  );
  const lines = log.mock.calls.map(String);
  log.mockRestore();
  console.log(r.status, await r.text(), urls, lines);
  console.log("env keys", Object.keys(env), Object.keys({ ...env }));
  const ctx = createExecutionContext();
  const e2 = { ...env };
  const r2 = await createApp().fetch(
    new Request(P + "/inquiries?limit=1", {
      headers: { authorization: "Bearer " + inject("tokens").owner },
    }),
    e2,
    ctx,
  );
  console.log(r2.status, await r2.text(), urls);
  await waitOnExecutionContext(ctx);
  const ws = await exports.default.fetch(
    new Request(P + "/rooms/inquiries", {
      headers: {
        upgrade: "websocket",
        authorization: "Bearer " + inject("tokens").owner,
        "sec-websocket-protocol": "foo, outreach.v1",
      },
    }),
  );
  console.log(ws.status, [...ws.headers], ws.webSocket !== null);
  const s = ws.webSocket!;
  s.addEventListener("message", (m) => console.log("msg", m.data));
  s.addEventListener("close", (m) => console.log("close", m.code, m.reason));
  s.accept();
  s.send("ping");
  await scheduler.wait(100);
  const stub = env.ROOMS.getByName("inquiries");
  await evictDurableObject(stub);
  await stub.publish([
    { type: "t", time: "x", data: { a: 1 } },
    { type: "t", time: "x", data: { a: 1 } },
  ]);
  await scheduler.wait(100);
  s.send("foo");
  await scheduler.wait(100);
  console.log(s.readyState);
});
