import { randomUUID } from "node:crypto";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { launchChromium } from "../support/browser.ts";
import { clerk } from "../support/desk.ts";
import { newsletter } from "../support/newsletter.ts";

const system = inject("system");
const { rowOf, statusOf, linkOf } = newsletter(system);
let browser: Browser;

beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

const anEmail = () => `${randomUUID()}@example.com`;

async function aSubscriber(): Promise<string> {
  const email = anEmail();
  const answer = await fetch(`${system.url}/v1/api/outreach/subscribers/subscribe`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ email }),
  });
  expect(answer.status).toBe(202);
  return email;
}

describe("the form that the desk hands out", () => {
  it("signs somebody up from any page, without script, with what they agreed to", async () => {
    const { page, context } = await clerk(browser, system, "olivia");
    await page.goto(`${system.url}/forms`);
    const snippet = await page
      .getByRole("region", { name: "Newsletter sign-up: HTML" })
      .textContent();
    await context.close();

    const visitor = await browser.newContext({ javaScriptEnabled: false });
    const site = await visitor.newPage();
    await site.route("https://www.example.com/", (route) =>
      route.fulfill({ contentType: "text/html", body: `<!doctype html>${snippet ?? ""}` }),
    );
    await site.goto("https://www.example.com/");
    const email = anEmail();
    await site.getByLabel("Your e-mail address").fill(email);
    await site.getByLabel("Your name (optional)").fill("Ada Byron");
    await site.getByRole("checkbox").check();
    await site.getByRole("button", { name: "Subscribe" }).click();
    await site.getByRole("heading", { name: "Thank you" }).waitFor();
    expect(await rowOf(email)).toMatchObject({
      status: "ACTIVE",
      name: "Ada Byron",
      source: "contact-page",
      consent: { wording: "Send me the newsletter. I can leave at any time." },
    });
    await visitor.close();
  });
});

describe("a link to unsubscribe", () => {
  it("changes nothing for a browser that runs scripts, prefetches and reloads", async () => {
    const email = await aSubscriber();
    const link = await linkOf(email);
    const context = await browser.newContext();
    const page = await context.newPage();
    // A scanner's page: the link as a prefetch, a frame, an image and a script, and then itself.
    await page.setContent(`<link rel="prefetch" href="${link}"><iframe src="${link}"></iframe>
      <img src="${link}"><script src="${link}"></script><a href="${link}" ping="${link}">x</a>`);
    await page.waitForLoadState("networkidle");
    for (let visit = 0; visit < 5; visit += 1) {
      await page.goto(link);
      await page.mouse.move(10 + visit, 10);
      await page.waitForLoadState("networkidle");
    }
    await page.reload();
    expect(await statusOf(email)).toBe("ACTIVE");
    await context.close();
  });

  it.each([true, false])(
    "ends it by its one button, script or not (%s), twice too",
    async (script) => {
      const email = await aSubscriber();
      const link = await linkOf(email);
      const context = await browser.newContext({ javaScriptEnabled: script });
      const page = await context.newPage();
      for (const _time of ["first", "again"]) {
        await page.goto(link);
        await page.getByRole("button", { name: "Unsubscribe" }).click();
        await page.getByRole("heading", { name: "You have left" }).waitFor();
        expect(page.url()).toBe(link);
      }
      expect(await statusOf(email)).toBe("UNSUBSCRIBED");
      await page.goto(`${link}x`);
      await page.getByRole("heading", { name: "does not work" }).waitFor();
      await context.close();
    },
  );
});
