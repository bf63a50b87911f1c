import { eq } from "drizzle-orm";
import { expect, inject } from "vitest";
import { createSigner } from "../../../src/auth/signing.ts";
import { emailKey } from "../../../src/db/email-key.ts";
import { subscriberActivity, subscribers } from "../../../src/db/schema.ts";
import type { Subscriber } from "../../../src/subscribers/subscriber-schema.ts";
import { signUnsubscribeToken } from "../../../src/subscribers/unsubscribe-token.ts";
import { as, call, database, postJson } from "./app.ts";
import { bodyOf, send } from "./desk.ts";
import type { appWith } from "./own-app.ts";

/** A sign-up of an address that nobody else has. */
export function aSubscription(changes: Record<string, unknown> = {}) {
  return { email: `ada.${crypto.randomUUID()}@example.com`, ...changes } as { email: string };
}

export function subscribe(body: unknown, headers: Record<string, string> = {}) {
  return postJson("/subscribers/subscribe", body, headers);
}

/** The same at an app of one's own, by nobody in particular. */
export function subscribeTo(
  app: ReturnType<typeof appWith>,
  body: unknown,
  headers: Record<string, string> = {},
) {
  return app.call("/subscribers/subscribe", {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
}

/** Signs up like a visitor. @returns the address */
export async function anActiveSubscriber(changes: Record<string, unknown> = {}): Promise<string> {
  const body = aSubscription(changes);
  const { status } = await subscribe(body);
  if (status !== 202) throw new Error(`subscribe answered ${status}`);
  return body.email;
}

/** A subscriber that staff entered. */
export async function aSubscriber(changes: Record<string, unknown> = {}): Promise<Subscriber> {
  const answer = await postJson("/subscribers", aSubscription(changes), as("employee"));
  return bodyOf<Subscriber>(answer, 201);
}

/** A subscriber in the bin. */
export async function aDeletedSubscriber(
  changes: Record<string, unknown> = {},
): Promise<Subscriber> {
  const subscriber = await aSubscriber(changes);
  expect((await send("DELETE", `/subscribers/${subscriber.id}`)).status).toBe(204);
  return subscriber;
}

/** Sends a file to the import. */
export function importFile(
  body: BodyInit,
  { type = "text/csv", query = "", ...headers }: Record<string, string> = {},
) {
  return call(`/subscribers/import${query}`, {
    method: "POST",
    headers: { ...as("owner"), "content-type": type, ...headers },
    body,
  });
}

/** The row of an address, however it is spelled; the test fails when there is none. */
export async function subscriberOf(email: string) {
  const [row] = await subscribersOf(email);
  if (row === undefined) throw new Error("no such subscriber");
  return row;
}

export function subscribersOf(email: string) {
  return database()
    .select()
    .from(subscribers)
    .where(eq(subscribers.emailKey, emailKey(email)));
}

/** What happened to an address, oldest first: `["join", "leave"]`. */
export async function trailOf(email: string): Promise<string[]> {
  const { id } = await subscriberOf(email);
  const rows = await database()
    .select()
    .from(subscriberActivity)
    .where(eq(subscriberActivity.subscriberId, id))
    .orderBy(subscriberActivity.id);
  return rows.map(({ kind }) => kind);
}

/** The signed token of an address, as a mail would carry it. */
export async function tokenOf(email: string, signer = ownSigner()): Promise<string> {
  return signUnsubscribeToken(signer, (await subscriberOf(email)).unsubscribeToken);
}

/** Signs like the Worker. */
export function ownSigner() {
  return createSigner(Uint8Array.fromBase64(inject("workerBindings")["SIGNING_KEY"] ?? ""));
}
