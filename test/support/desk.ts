import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { signIn } from "../../dev/sign-in.ts";
import { signInAt, watch } from "./browser.ts";

export interface System {
  readonly url: string;
  readonly issuer: string;
}

export interface SubmittedInquiry {
  readonly id: string;
  readonly name: string;
}

/** The running system from outside: visitors and the desk API, without a browser. */
export function desk({ url, issuer }: System) {
  const api = `${url}/v1/api/outreach`;
  const tokens = new Map<string, Promise<string>>(); // bounded by the users
  const tokenOf = (user: string) => {
    const known = tokens.get(user);
    if (known) return known;
    const token = signIn({
      issuer,
      clientId: "outreach-dashboard",
      redirectUri: `${url}/signed-in`,
      user,
    }).then(({ accessToken }) => accessToken);
    tokens.set(user, token);
    return token;
  };

  /** One request as `user`, on success only. */
  async function call<T>(user: string, method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${api}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${await tokenOf(user)}`,
        "content-type": "application/json",
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}`);
    return (await response.json()) as T;
  }

  return {
    async submit(fields: Record<string, unknown> = {}): Promise<SubmittedInquiry> {
      const name = `Visitor ${randomUUID().slice(0, 8)}`;
      const submission = {
        method: "POST",
        headers: {
          "content-type": "application/json",
          "idempotency-key": randomUUID(),
          "cf-connecting-ip": `203.0.113.${Math.floor(Math.random() * 250)}`,
        },
        body: JSON.stringify({ name, email: "v@example.com", message: `From ${name}`, ...fields }),
      };
      let response = await fetch(`${api}/inquiries/submit`, submission);
      // Postgres was slow: it waits on disk, and the same key tells when it is stored. Each is counted.
      for (const pauseMs of [500, 2_000, 5_000, 10_000]) {
        if (response.status !== 202) break;
        await setTimeout(pauseMs);
        response = await fetch(`${api}/inquiries/submit`, submission);
      }
      if (response.status !== 201) throw new Error(`submit answered ${response.status}`);
      const { id } = (await response.json()) as { id: string };
      return { id, name: typeof fields["name"] === "string" ? fields["name"] : name };
    },
    call,
    async statusOf(id: string): Promise<string> {
      return (await call<{ status: string }>("OWNER", "GET", `/inquiries/${id}`)).status;
    },
  };
}

export interface Clerk {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly strangers: readonly string[];
  readonly complaints: readonly string[];
}

/** Somebody who has signed in, in a browser of their own. */
export async function clerk(
  browser: Browser,
  system: System,
  user: string,
  options: Parameters<Browser["newContext"]>[0] = {},
): Promise<Clerk> {
  const context = await browser.newContext({
    viewport: { width: 1360, height: 860 },
    locale: "en-GB",
    ...options,
  });
  context.setDefaultTimeout(15_000);
  const watched = watch(context, [system.url, system.issuer]);
  const page = await context.newPage();
  await signInAt(page, system.url, user);
  return { page, context, ...watched };
}

/** The row of somebody's inquiry in the list. */
export function rowOf(page: Page, { id }: SubmittedInquiry) {
  return page.locator(`[data-row="${id}"]`);
}

export function badge(page: Page) {
  return page.locator(".rail-foot [data-connection]");
}

/** Waits until the page says that it is live. */
export async function untilLive(page: Page): Promise<void> {
  await page.locator('.rail-foot [data-connection="live"]').waitFor();
}

/** Its checkbox: what a pointer meets is the label around the input. */
export function tickOf(page: Page, { id }: SubmittedInquiry) {
  return page.locator(`.row:has([data-row="${id}"]) .check`);
}
