import { describe, expect, inject, it } from "vitest";
import type { ProblemCode } from "../../src/http/problem.ts";
import { TICKET_HEADER } from "../../src/rooms/ticket.ts";
import { as, call, postJson } from "../support/worker/app.ts";
import { aSubmission } from "../support/worker/factories.ts";
import { anIssuer } from "../support/worker/issuer.ts";
import { watchNetwork } from "../support/worker/network.ts";
import { appWith } from "../support/worker/own-app.ts";
import { expectProblem } from "../support/worker/problems.ts";
import { knock, observe } from "../support/worker/sockets.ts";

const protocols = (...offered: string[]) => ({ "sec-websocket-protocol": offered.join(", ") });

async function submit(): Promise<{ id: string; email: string }> {
  const submission = aSubmission({ phone: "+44 20 7946 0018", metadata: { mobile: "07946" } });
  const answer = await postJson("/inquiries/submit", submission);
  expect(answer.status).toBe(201);
  return { id: (await answer.json<{ id: string }>()).id, email: submission.email };
}

describe("observing a room", () => {
  it("begins with a token in the header and a hello", async () => {
    const { answer, hello } = await observe("inquiries", as("owner"));
    expect(answer.status).toBe(101);
    expect(hello).toEqual({
      type: "hello",
      room: "inquiries",
      epoch: expect.stringMatching(/^[\da-f-]{36}$/),
      head: expect.any(Number),
      recovered: false,
      gap: 0,
    });
  });

  it("takes the token as a subprotocol, selects ours and never echoes the token", async () => {
    const token = inject("tokens").owner;
    for (const offer of [
      protocols("outreach.v1", `bearer.${token}`),
      protocols(`bearer.${token}`, "outreach.v1"),
    ]) {
      const { answer, hello } = await observe("inquiries", offer);
      expect(hello.room).toBe("inquiries");
      expect(answer.headers.get("sec-websocket-protocol")).toBe("outreach.v1");
      expect(JSON.stringify([...answer.headers])).not.toContain(token);
    }
  });

  it("selects no subprotocol when ours was not offered", async () => {
    const { answer } = await observe("inquiries", { ...as("owner"), ...protocols("chat") });
    expect(answer.headers.get("sec-websocket-protocol")).toBeNull();
  });

  it("takes in the Worker's own pages, which nobody has to list", async () => {
    const { hello } = await observe("inquiries", {
      ...as("owner"),
      origin: "https://outreach.test",
    });
    expect(hello.room).toBe("inquiries");
  });

  it("brings what was submitted, the same as REST shows it to that observer", async () => {
    const owner = await observe("inquiries", as("owner"));
    const cashier = await observe("inquiries", as("cashier"));
    const { id, email } = await submit();
    for (const [who, { nextFrame }] of [
      ["owner", owner],
      ["cashier", cashier],
    ] as const) {
      const shown = await (await call(`/inquiries/${id}`, { headers: as(who) })).json<{
        submittedAt: string;
      }>();
      const frame = await nextFrame();
      expect(frame).toEqual({
        type: "events",
        events: [
          {
            id: expect.any(Number),
            type: "inquiry.submitted",
            time: shown.submittedAt,
            data: shown,
          },
        ],
      });
      expect(JSON.stringify(frame).includes(email)).toBe(who === "owner");
      expect(JSON.stringify(frame).includes("7946")).toBe(who === "owner");
    }
  });

  it("hears of a replayed submission once", async () => {
    const observer = await observe("inquiries", as("owner"));
    const submission = aSubmission();
    const first = await postJson("/inquiries/submit", submission);
    await postJson("/inquiries/submit", submission);
    const { id } = await submit();
    const { id: firstId } = await first.json<{ id: string }>();
    const heard: unknown[] = [];
    while (!heard.includes(id)) {
      for (const { data } of await observer.nextEvents()) heard.push((data as { id: string }).id);
    }
    expect(heard).toEqual([firstId, id]);
  });

  it("does not believe a ticket that the caller brought along", async () => {
    const forged = JSON.stringify({ room: "operations", view: "full", expiresAt: 4_000_000_000 });
    const observer = await observe("inquiries", { ...as("cashier"), [TICKET_HEADER]: forged });
    expect(observer.hello.room).toBe("inquiries");
    const { email } = await submit();
    expect(JSON.stringify(await observer.nextEvents())).not.toContain(email);
  });
});

describe("a socket is refused", () => {
  const token = () => inject("tokens").owner;

  it.each<[string, string, () => Record<string, string>, number, ProblemCode]>([
    ["without a token", "inquiries", () => ({}), 401, "unauthenticated"],
    ["with an expired token", "inquiries", () => as("expired"), 401, "unauthenticated"],
    ["with another issuer's token", "inquiries", () => as("foreign"), 401, "unauthenticated"],
    [
      "with an empty token as the subprotocol",
      "inquiries",
      () => protocols("outreach.v1", "bearer."),
      401,
      "unauthenticated",
    ],
    [
      "with a bad token as the subprotocol",
      "inquiries",
      () => protocols("outreach.v1", `bearer.${token().slice(0, -4)}AAAA`),
      401,
      "unauthenticated",
    ],
    ["to somebody without a role", "inquiries", () => as("visitor"), 403, "forbidden"],
    ["to the cashier in subscribers", "subscribers", () => as("cashier"), 403, "forbidden"],
    ["to the employee in operations", "operations", () => as("employee"), 403, "forbidden"],
    ["in a room that is none", "attic", () => as("owner"), 404, "room_not_found"],
    ["in a room named like a property", "constructor", () => as("owner"), 404, "room_not_found"],
    [
      "to a page of another origin",
      "inquiries",
      () => ({ ...as("owner"), origin: "https://evil.test" }),
      403,
      "origin_not_allowed",
    ],
    [
      "to a sandboxed page",
      "inquiries",
      () => ({ ...as("owner"), origin: "null" }),
      403,
      "origin_not_allowed",
    ],
  ])("%s", async (_what, room, headers, status, code) => {
    const answer = await knock(room, headers());
    expect(answer.webSocket).toBeNull();
    await expectProblem(answer, status, code);
  });

  it("that is none: without the upgrade", async () => {
    for (const headers of [as("owner"), { ...as("owner"), upgrade: "h2c" }]) {
      const answer = await call("/rooms/inquiries", { headers });
      expect(answer.headers.get("upgrade")).toBe("websocket");
      await expectProblem(answer, 426, "upgrade_required");
    }
  });

  it("whose token is in the address", async () => {
    const headers = { upgrade: "websocket" };
    const answer = await call(`/rooms/inquiries?token=${token()}&access_token=${token()}`, {
      headers,
    });
    await expectProblem(answer, 401, "unauthenticated");
  });

  it("but not to a page of an allowed origin", async () => {
    const { hello } = await observe("inquiries", {
      ...as("owner"),
      origin: "https://www.shop.test",
    });
    expect(hello.room).toBe("inquiries");
  });
});

describe("what the room learns from the Worker", () => {
  it("is the view and the expiry of the token, and never the token", async () => {
    const issuer = await anIssuer();
    watchNetwork(({ url }) => (url === issuer.jwksUrl ? Response.json(issuer.jwks) : undefined));
    const passed: Request[] = [];
    const app = appWith({
      ...issuer.variables,
      ROOMS: {
        getByName: () => ({
          fetch: async (address: string, init: RequestInit) => {
            passed.push(new Request(address, init));
            return new Response();
          },
        }),
      },
    });
    const exp = Math.floor(Date.now() / 1000) + 60;
    const bearer = await issuer.token({ exp, roles: ["CASHIER"] });
    for (const headers of [
      { authorization: `Bearer ${bearer}` },
      protocols("outreach.v1", `bearer.${bearer}`),
    ] as Record<string, string>[]) {
      await app.call("/rooms/inquiries", {
        headers: { upgrade: "websocket", "x-request-id": "r-1", ...headers },
      });
      const headersSeen = passed.pop()?.headers ?? new Headers();
      expect(JSON.parse(headersSeen.get(TICKET_HEADER) ?? "")).toMatchObject({
        room: "inquiries",
        view: "masked",
        expiresAt: exp,
      });
      expect(headersSeen.get("x-request-id")).toBe("r-1");
      expect(JSON.stringify([...headersSeen])).not.toContain(bearer);
    }
  });
});
