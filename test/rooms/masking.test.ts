import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { maskInquiry, maskText } from "../../src/inquiries/masking.ts";
import { enterRoom } from "../../src/rooms/ticket.ts";
import { fastestOf } from "../support/fastest.ts";
import { as, postJson } from "../support/worker/app.ts";
import { aSubmission } from "../support/worker/factories.ts";
import { observe, observerOf } from "../support/worker/sockets.ts";

function aVisitor() {
  return aSubmission({
    phone: "+44 20 7946 0018",
    subject: "Call +44 (0)20 7946-0020",
    message: `Write to eve.${crypto.randomUUID()}@example.net, or call 020 7946 0021`,
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
      expect(text).not.toMatch(/7946.00/);
    }
    let seen = "";
    while (!submissions.every(({ email }) => seen.includes(email))) {
      seen += await employee.nextText();
    }
  });

  it.each([
    ["by the room", 1],
    ["by a relay", 0],
  ])("receives none in frames of its own, served %s", async (_, direct) => {
    const name = crypto.randomUUID();
    const room = env.ROOMS.getByName(name);
    const full = {
      ...{ name: "Ada", email: "ada@example.com", phone: "+44 20 7946 0018" },
      ...{ subject: null, message: "ada@example.com", source: null, metadata: {} },
    };
    const data = full as unknown as Parameters<typeof maskInquiry>[0];
    const event = { type: "inquiry.updated", time: new Date().toISOString() };
    await room.publish(
      Array.from({ length: 700 }, () => ({ ...event, data, masked: maskInquiry(data) })),
    );
    const { epoch } = await room.status();
    const request = new Request("https://room.test/", { headers: { upgrade: "websocket" } });
    const ticket = { room: name, view: "masked", expiresAt: 4_000_000_000, direct } as const;
    const from = { since: 0, epoch };
    const observer = await observerOf(
      await enterRoom(env.ROOMS, request, { ...ticket, from }, "test"),
    );
    expect((await room.status()).relays).toBe(1 - direct);
    for (const last of [500, 700]) {
      const text = await observer.nextText();
      expect(text).toContain(`"id":${last}`);
      expect(text).not.toContain("@");
      expect(text).not.toMatch(/7946.00/);
      observer.ack(last);
    }
  });
});

describe("what was typed freely", () => {
  it.each([
    ["write to ada@example.com, please", "write to •••, please"],
    ["<ada@example.com>", "<•••>"],
    ["+44 20 7946 0018", "•••"],
    ["call 0049 (0)30 1234567 today", "call ••• today"],
    ["030/1234567", "•••"],
    ["(212) 555-0123", "•••"],
    ["212-555-0123 or 212.555.0124", "••• or •••"],
    ["2125550123, or 555-0123", "•••, or •••"],
    ["612 345 678 or 12 34 56 78", "••• or •••"],
    ["44 20 7946 0018, 347 1234567", "•••, •••"],
    ["020–7946–0018", "•••"],
    ["020\u00a07946\u00a00018", "•••"],
    ["020\u200b79460018 or 020_7946_0018", "••• or •••"],
    ["0 6 1 2 3 4 5 6 7 8", "•••"],
    ["٠٦١٢٣٤٥٦٧٨", "•••"],
    ["０２０７９４６００１８", "•••"],
    ["0612345678 0687654321", "•••"],
    ["ada＠example.com", "•••"],
    ['"ada b"@example.com', "•••"],
    ["ada@[192.168.0.1]", "•••"],
    ["ada (at) example.com, eve[AT]example.com", "•••, •••"],
    ["order 4711-0815", "order •••"],
    ["on 2026-11-22 at 09:30, or 22.11.2026, or 11/22/2026", undefined],
    ["250 pieces for 1,250 each, 10 x 20 x 30 cm", undefined],
    ["2026-11-22 07946 001812", "2026-11-22 •••"],
    ["id 249870643200008192", undefined],
    ["the 3 of us @ 8", undefined],
  ])("%s", (text, masked) => {
    expect(maskText(text)).toBe(masked ?? text);
  });

  it("is masked in linear time", () => {
    const milliseconds = fastestOf(3, () => {
      for (const part of ["+1 ", "0", "(", "a@", "1-", "+1("])
        maskText(part.repeat(20_000 / part.length));
    });
    expect(milliseconds).toBeLessThan(1_000);
  });
});
