import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { as } from "../support/worker/app.ts";
import { aSubmission } from "../support/worker/factories.ts";
import { watchNetwork } from "../support/worker/network.ts";
import { appWith } from "../support/worker/own-app.ts";
import { aSubscription, tokenOf } from "../support/worker/subscribers.ts";

/** Rooms of earlier tests may still look at their rules, each in a request of its own. */
const madeFor =
  (id: string) =>
  ({ headers }: Request) =>
    headers.get("x-request-id") === id;

const databaseCall = ({ url }: Request) => url === env.DATABASE_HTTP_ENDPOINT;

const postOf = (body: unknown, headers: Record<string, string> = {}) => ({
  method: "POST",
  headers: { "content-type": "application/json", ...headers },
  body: JSON.stringify(body),
});

/** The real rooms, and a note of every object that is asked for. */
function watchedRooms(onCall: (room: string) => void) {
  return {
    getByName(name: string) {
      onCall(name);
      return env.ROOMS.getByName(name);
    },
  };
}

describe("a submission", () => {
  it("costs one round trip to Postgres and no other call, also when it is a replay", async () => {
    const app = appWith();
    const submission = aSubmission();
    for (const _time of ["first", "replayed"]) {
      const calls = watchNetwork();
      const id = crypto.randomUUID();
      const request = postOf(submission, { "x-request-id": id });
      expect((await app.call("/inquiries/submit", request)).status).toBe(201);
      await app.settled();
      expect(calls.filter(madeFor(id)).map(databaseCall)).toEqual([true]);
    }
  });

  it("costs none when it is refused", async () => {
    const calls = watchNetwork();
    const asked: string[] = [];
    const app = appWith({ ROOMS: watchedRooms((room) => asked.push(room)) });
    for (const refused of [
      postOf({}),
      postOf(aSubmission(), { "idempotency-key": "a b" }),
      postOf("x".repeat(70_000)),
    ]) {
      expect((await app.call("/inquiries/submit", refused)).status).toBeGreaterThanOrEqual(400);
    }
    await app.settled();
    expect(calls).toEqual([]);
    expect(asked).toEqual([]);
  });

  it("passes the request's id on to Postgres", async () => {
    const calls = watchNetwork();
    const id = crypto.randomUUID();
    await appWith().call("/inquiries/submit", postOf(aSubmission(), { "x-request-id": id }));
    expect(calls.map(({ headers }) => headers.get("x-request-id"))).toEqual([id]);
  });

  it("is answered before the room is called, which happens once", async () => {
    const order: string[] = [];
    const app = appWith({ ROOMS: watchedRooms((room) => order.push(`room ${room}`)) });
    const answer = await app.call("/inquiries/submit", postOf(aSubmission()));
    order.push(`answer ${answer.status}`);
    await app.settled();
    expect(order).toEqual(["answer 201", "room inquiries"]);
  });

  it("is announced again, under the same key, when it is a replay, and not when its key was used before", async () => {
    const asked: string[] = [];
    const app = appWith({ ROOMS: watchedRooms((room) => asked.push(room)) });
    const submission = aSubmission();
    const key = { "idempotency-key": crypto.randomUUID() };
    for (const [body, status] of [
      [submission, 201],
      [submission, 201],
      [aSubmission(), 422],
    ] as const) {
      expect((await app.call("/inquiries/submit", postOf(body, key))).status).toBe(status);
    }
    await app.settled();
    expect(asked).toEqual(["inquiries", "inquiries"]);
  });

  it("keeps its answer when the room cannot be reached, and is tried three times", async () => {
    let attempts = 0;
    const broken = {
      getByName() {
        attempts += 1;
        throw new Error("no room");
      },
    };
    const app = appWith({ ROOMS: broken });
    expect((await app.call("/inquiries/submit", postOf(aSubmission()))).status).toBe(201);
    await app.settled();
    expect(attempts).toBe(3);
  });
});

describe("joining and leaving the newsletter", () => {
  const unsubscribe = (token: string) => postOf({ token });

  it("costs one round trip to Postgres each, whatever the address is, and no other call", async () => {
    const asked: string[] = [];
    const app = appWith({ ROOMS: watchedRooms((room) => asked.push(room)) });
    const { email } = aSubscription();
    const join = postOf({ email });
    const stages = ["new", "active", "leaving", "gone", "returning"];
    for (const stage of stages) {
      const leaves = stage === "leaving" || stage === "gone";
      const request = leaves ? unsubscribe(await tokenOf(email)) : join;
      const path = `/subscribers/${leaves ? "un" : ""}subscribe`;
      const calls = watchNetwork();
      const answer = await app.call(path, request);
      expect([stage, answer.status]).toEqual([stage, leaves ? 200 : 202]);
      expect(calls.map(databaseCall)).toEqual([true]);
    }
    await app.settled();
    // Joining, leaving and returning; what changes nothing is not announced.
    expect(asked).toEqual(["subscribers", "subscribers", "subscribers"]);
  });

  it("costs none when it is refused", async () => {
    const calls = watchNetwork();
    const asked: string[] = [];
    const app = appWith({ ROOMS: watchedRooms((room) => asked.push(room)) });
    for (const [path, refused] of [
      ["/subscribers/subscribe", postOf({})],
      ["/subscribers/subscribe", postOf("x".repeat(70_000))],
      ["/subscribers/unsubscribe", unsubscribe("1.x")],
      ["/subscribers/unsubscribe", postOf("x".repeat(70_000))],
      ["/subscribers/unsubscribe?token=1.x", {}],
    ] as const) {
      expect((await app.call(path, refused)).status).toBeGreaterThanOrEqual(400);
    }
    await app.settled();
    expect([calls, asked]).toEqual([[], []]);
  });
});

describe("the desk", () => {
  it("asks for keys and rules once, then needs one round trip a read", async () => {
    const app = appWith();
    const read = async (who: "owner" | "cashier") => {
      const calls = watchNetwork();
      const id = crypto.randomUUID();
      const headers = { ...as(who), "x-request-id": id };
      expect((await app.call("/inquiries?limit=1", { headers })).status).toBe(200);
      return calls.filter(madeFor(id));
    };
    const first = await read("owner");
    expect(first.filter(databaseCall)).toHaveLength(2);
    expect(first.filter((call) => !databaseCall(call)).map(({ url }) => url)).toEqual([
      env.IDENTITY_JWKS_URL,
    ]);
    expect((await read("cashier")).map(databaseCall)).toEqual([true]);
  });
});
