import MailComposer from "nodemailer/lib/mail-composer";
import PostalMime from "postal-mime";
import { describe, expect, it } from "vitest";
import { call } from "../support/worker/app.ts";
import { get, patchJson } from "../support/worker/desk.ts";
import { aSubscriber, subscriberOf } from "../support/worker/subscribers.ts";

interface Recipient {
  readonly email: string;
  readonly name: string | null;
  readonly unsubscribeUrl: string;
  readonly listUnsubscribe: string;
  readonly listUnsubscribePost: string;
}

/** What the mailing list says of an address, as a program for campaigns reads it. */
async function recipientOf(email: string | null): Promise<Recipient> {
  const answer = await get("/subscribers/mailing?format=ndjson", "owner");
  const lines = new TextDecoder()
    .decode(await answer.bytes())
    .trim()
    .split("\n");
  const recipient = lines
    .map((line) => JSON.parse(line) as Recipient)
    .find((each) => each.email === email);
  if (recipient === undefined) throw new Error("not on the mailing list");
  return recipient;
}

/** The message as it goes over the wire. */
function compose(recipient: Recipient): Promise<Uint8Array> {
  const message = new MailComposer({
    from: "Harbour Books <news@shop.test>",
    to: { name: recipient.name ?? "", address: recipient.email },
    subject: "News of November",
    text: `Hello!\n\nNo more of this: ${recipient.unsubscribeUrl}\n`,
    headers: {
      "List-Unsubscribe": recipient.listUnsubscribe,
      "List-Unsubscribe-Post": recipient.listUnsubscribePost,
    },
  });
  return message.compile().build();
}

/** What a mailbox provider takes out of a message: RFC 8058, section 3.2. */
async function oneClickOf(message: Uint8Array) {
  const { headers, text } = await PostalMime.parse(message);
  const header = (name: string) => headers.find(({ key }) => key === name)?.value ?? "";
  const [, url = ""] = /<(https?:[^>]+)>/.exec(header("list-unsubscribe")) ?? [];
  const [name = "", value = ""] = header("list-unsubscribe-post").split("=");
  return { url, field: [name, value] as const, text };
}

/** Posts without anything that a browser would send: no cookie, no origin, no redirect followed. */
function post(url: string, body: URLSearchParams | FormData) {
  const { pathname, search } = new URL(url);
  return call(`/${pathname}${search}`, { method: "POST", body, redirect: "manual" });
}

describe("a campaign's message", () => {
  it.each([
    ["urlencoded", () => new URLSearchParams()],
    ["multipart", () => new FormData()],
  ])(
    "is ended by one click of a mailbox provider (%s), as often as it clicks",
    async (_encoding, emptyForm) => {
      const { email } = await aSubscriber({ name: "Zoë Müller, née King" });
      const recipient = await recipientOf(email);
      const { url, field, text } = await oneClickOf(await compose(recipient));
      expect(url).toBe(recipient.unsubscribeUrl);
      expect(text).toContain(url);
      const form = emptyForm();
      form.append(...field);
      expect([...form]).toEqual([["List-Unsubscribe", "One-Click"]]);
      for (let click = 0; click < 2; click += 1) {
        const answer = await post(url, form);
        expect(answer.status).toBe(200);
        expect(answer.headers.has("set-cookie")).toBe(false);
        expect(answer.headers.has("location")).toBe(false);
      }
      expect(await subscriberOf(email ?? "")).toMatchObject({ status: "UNSUBSCRIBED" });
    },
  );

  it("does not end what the desk began after it was sent", async () => {
    const { id, email } = await aSubscriber();
    const { url, field } = await oneClickOf(await compose(await recipientOf(email)));
    for (const status of ["UNSUBSCRIBED", "ACTIVE"]) {
      await patchJson(`/subscribers/${id}`, { status });
    }
    expect((await post(url, new URLSearchParams([[...field]]))).status).toBe(400);
    expect(await subscriberOf(email ?? "")).toMatchObject({ status: "ACTIVE" });
  });
});
