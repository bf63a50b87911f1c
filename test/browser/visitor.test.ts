import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { request } from "node:http";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { launchChromium } from "../support/browser.ts";
import { clerk, desk } from "../support/desk.ts";

const system = inject("system");
const { call } = desk(system);
let browser: Browser;

beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

/** As the desk hands it out. @param siteKey of Turnstile, as if it were configured */
async function contactForm(siteKey: string | null = null): Promise<string> {
  const { page, context } = await clerk(browser, system, "olivia");
  await page.route(`${system.url}/forms`, async (route) => {
    const response = await route.fetch();
    const changed = `"turnstileSiteKey":${JSON.stringify(siteKey)}`;
    const body = (await response.text()).replace('"turnstileSiteKey":null', changed);
    await route.fulfill({ response, body });
  });
  await page.goto(`${system.url}/forms`);
  const snippet = await page.getByRole("region", { name: "Contact form: HTML" }).textContent();
  await context.close();
  return snippet ?? "";
}

/** A page of somebody else's, without script. */
async function openSite(body: string, contentType = "text/html; charset=utf-8"): Promise<Page> {
  const visitor = await browser.newContext({ javaScriptEnabled: false });
  const site = await visitor.newPage();
  await site.route("https://www.example.com/", (route) => route.fulfill({ contentType, body }));
  await site.goto("https://www.example.com/");
  return site;
}

async function write(site: Page, fields: { name: string; message: string }): Promise<void> {
  await site.getByLabel("Your name").fill(fields.name);
  await site.getByLabel("Your e-mail address").fill("visitor@example.com");
  await site.getByLabel("Your message").fill(fields.message);
  await site.getByRole("button", { name: "Send" }).click();
  await site.getByRole("heading", { level: 1 }).waitFor();
}

const found = async (text: string) =>
  (
    await call<{ data: { name: string; message: string; status: string }[] }>(
      "olivia",
      "GET",
      `/inquiries?q=${text}`,
    )
  ).data;

describe("the contact form that the desk hands out", () => {
  it.each(["utf-8", "windows-1252"])("sends every character from a page in %s", async (charset) => {
    const site = await openSite(await contactForm(), `text/html; charset=${charset}`);
    const unique = randomUUID();
    const typed = { name: "Jürgen Żak", message: `50% off? Привет ✓ 😀 ${unique}` };
    await write(site, typed);
    expect(await found(unique)).toMatchObject([{ ...typed, status: "NEW" }]);
    await site.context().close();
  });

  it("sends a message once that was sent twice, by way of the page before", async () => {
    const site = await openSite(await contactForm());
    const unique = randomUUID();
    await write(site, { name: "Ada", message: unique });
    await site.goBack();
    await write(site, { name: "Ada", message: unique });
    expect(await site.getByRole("heading", { level: 1 }).textContent()).toContain("Thank you");
    expect(await found(unique)).toHaveLength(1);
    await site.context().close();
  });

  it("brings Turnstile's widget along where messages without it are filed as spam", async () => {
    const site = await openSite(await contactForm('0x4"AAA'));
    expect(await site.locator("form .cf-turnstile").getAttribute("data-sitekey")).toBe('0x4"AAA');
    expect(await site.locator("script").getAttribute("src")).toMatch(/^https:.*turnstile/);
    await site.context().close();
  });
});

it("answers a GET that comes with a body, which means nothing", async () => {
  const asked = request(`${system.url}/v1/api/outreach/forms/stamp`, {
    method: "GET",
    headers: { "content-type": "application/json", "content-length": "2" },
  });
  asked.end("{}");
  const [answer] = await once(asked, "response");
  answer.resume();
  expect(answer.statusCode).toBe(200);
});
