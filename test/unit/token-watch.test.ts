import { expect, it } from "vitest";
import { listenTo, noteLeak, saidByWorker } from "../support/worker/said.ts";
import { anActiveSubscriber, subscriberOf, tokenOf } from "../support/worker/subscribers.ts";
import { findTokens } from "../support/worker/token-watch.ts";

/** A number like a token's, which is none. */
const aNumber = () =>
  String(10n ** 18n + BigInt(crypto.getRandomValues(new Uint32Array(1))[0] ?? 0));

it("the watch finds a token of the database, and takes no id for one", async () => {
  const email = await anActiveSubscriber();
  const [token, { id }] = [await tokenOf(email), await subscriberOf(email)];
  const [number = ""] = token.split(".");
  const said = new Map([
    [number, "GET /somewhere"],
    [id, "GET /elsewhere"],
  ]);
  expect(await findTokens(said)).toEqual([`GET /somewhere: ${number}`]);
});

it.each([
  ["alone", (number: string) => number],
  ["signed", (number: string) => `"token":"${number}.mB3s0kQ9xYw1f3dWcXk2mJv8pTn6uRz4aLhEoIyKbGg"`],
  ["in an address", (number: string) => `https://outreach.test/unsubscribe?token%3D${number}%2Ex`],
])("the watch hears a number %s", (_how, text) => {
  const number = aNumber();
  noteLeak("a log line", text(number));
  expect(saidByWorker().get(number)).toBe("a log line");
});

it("the watch hears what an answer says, in headers and over the ends of its chunks", async () => {
  const [inHeader, inBody] = [aNumber(), aNumber()];
  const body = new ReadableStream({
    start(controller) {
      for (const part of ["{", inBody.slice(0, 7), inBody.slice(7), "}"]) {
        controller.enqueue(new TextEncoder().encode(part));
      }
      controller.close();
    },
  });
  const answer = listenTo("/a?b", new Response(body, { headers: { location: `/${inHeader}` } }));
  expect(await answer.text()).toBe(`{${inBody}}`);
  expect([saidByWorker().get(inHeader), saidByWorker().get(inBody)]).toEqual(["/a", "/a"]);
});

it("the watch lets the mailing export tell", async () => {
  const number = aNumber();
  await listenTo("/subscribers/mailing?format=csv", new Response(number)).text();
  expect(saidByWorker().has(number)).toBe(false);
});
