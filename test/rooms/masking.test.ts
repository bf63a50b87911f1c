import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { maskInquiry } from "../../src/inquiries/masking.ts";
import { as, postJson } from "../support/worker/app.ts";
import { aSubmission } from "../support/worker/factories.ts";
import { observe, observeDirectly } from "../support/worker/sockets.ts";

function aVisitor() {
  return aSubmission({
    phone: "+44 20 7946 0018",
    metadata: { second: "bob@example.org", fax: "+44 20 7946 0019" },
  });
}

describe("a cashier in the room", () => {
  it("receives no address or phone number live, coalesced or replayed; an employee does", async () => {
    const cashier = await observe("inquiries", as("cashier"));
    const employee = await observe("inquiries", as("employee"));
    const submissions = [aVisitor(), aVisitor(), aVisitor()];
    await Promise.all(submissions.map((each) => postJson("/inquiries/submit", each)));
    const texts: string[] = [];
    let last = cashier.hello.head;
    while (last < cashier.hello.head + submissions.length) {
      const text = await cashier.nextText();
      texts.push(text);
      last = (JSON.parse(text) as { events: { id: number }[] }).events.at(-1)?.id ?? 0;
    }
    const { head, epoch } = cashier.hello;
    const back = await observe(`inquiries?since=${head}&epoch=${epoch}`, as("cashier"));
    expect(back.hello.recovered).toBe(true);
    texts.push(await back.nextText());

    expect(texts.length).toBeGreaterThan(1);
    for (const text of texts) {
      expect(text).toContain("inquiry.submitted");
      expect(text).not.toContain("@");
      expect(text).not.toContain("7946");
    }
    let seen = "";
    while (!submissions.every(({ email }) => seen.includes(email))) {
      seen += await employee.nextText();
    }
  });

  it("receives none when it is served by a relay or from a frame of its own", async () => {
    const room = env.ROOMS.getByName(crypto.randomUUID());
    const full = { email: "ada@example.com", phone: "+44 20 7946 0018", metadata: {} };
    const data = full as unknown as Parameters<typeof maskInquiry>[0];
    const event = { type: "inquiry.updated", time: new Date().toISOString() };
    await room.publish(
      Array.from({ length: 700 }, () => ({ ...event, data, masked: maskInquiry(data) })),
    );
    const { epoch } = await room.status();
    const observer = await observeDirectly(room, { view: "masked", from: { since: 0, epoch } });
    for (const last of [500, 700]) {
      const text = await observer.nextText();
      expect(text).toContain(`"id":${last}`);
      expect(text).not.toContain("@");
      expect(text).not.toContain("7946");
      observer.ack(last);
    }
  });
});
