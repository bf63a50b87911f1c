import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { redeem } from "../../dev/sign-in.ts";
import { launchChromium } from "../support/browser.ts";
import { clerk, desk, rowOf, untilLive } from "../support/desk.ts";
import { type RunningSystem, startSystem } from "../support/system.ts";

/** Short enough to see it end. The page renews a minute before that, so with this: every second. */
const TOKEN_SECONDS = 8;

let system: RunningSystem;
let browser: Browser;

beforeAll(async () => {
  [system, browser] = await Promise.all([
    startSystem({ TOKEN_SECONDS: String(TOKEN_SECONDS) }),
    launchChromium(),
  ]);
});
afterAll(async () => {
  await browser?.close();
  await system?.close();
});

interface Kept {
  access_token: string;
  refresh_token: string;
  expires_at: number;
}

/** What the page keeps of the session, in the tab's own storage. */
function kept(page: Page): Promise<Kept> {
  return page.evaluate(() => {
    const key = Object.keys(sessionStorage).find((name) => name.startsWith("oidc.user:")) ?? "";
    return JSON.parse(sessionStorage.getItem(key) ?? "{}") as Kept;
  });
}

/** Used by somebody else as well, a refresh token is stolen: the provider ends all that came of it. */
async function end(page: Page): Promise<void> {
  const { refresh_token } = await kept(page);
  const form = { grant_type: "refresh_token", client_id: "outreach-dashboard", refresh_token };
  await redeem(system.issuer, form);
  await redeem(system.issuer, form);
}

describe("a session", () => {
  it("is renewed without a reload, and stays live past the life of its first token", async () => {
    const { submit } = desk(system);
    const { page, context, complaints } = await clerk(browser, system, "emil");
    await untilLive(page);
    await page.mouse.move(1200, 400);
    await page.evaluate("window.sameDocument = true");
    const first = await kept(page);
    await expect
      .poll(() => Date.now() / 1000, { timeout: 20_000 })
      .toBeGreaterThan(first.expires_at + 2);
    expect((await kept(page)).access_token).not.toBe(first.access_token);
    await untilLive(page);
    const inquiry = await submit();
    await rowOf(page, inquiry).click();
    await page.getByRole("article").waitFor();
    expect(await page.evaluate("window.sameDocument")).toBe(true);
    expect(complaints).toEqual([]);
    await context.close();
  });

  it("outlives a provider that was away for longer than a token lives", async () => {
    const { page, context } = await clerk(browser, system, "emil");
    await untilLive(page);
    await page.route(`${system.issuer}/token`, (route) => route.abort());
    const { expires_at: end } = await kept(page);
    await expect.poll(() => Date.now() / 1000, { timeout: 20_000 }).toBeGreaterThan(end + 2);
    await page.locator('.rail-foot [data-connection="offline"]').waitFor();
    expect(await page.getByRole("button", { name: "Sign in again" }).count()).toBe(0);
    await page.unroute(`${system.issuer}/token`);
    await untilLive(page);
    await context.close();
  });

  it("that ends under a form leads back from there, and what was typed is still there", async () => {
    const { page, context } = await clerk(browser, system, "emil");
    await untilLive(page);
    const open = () => page.getByRole("button", { name: "New", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: "New inquiry" });
    await open();
    await dialog.getByLabel("Name").fill("Agnes");
    await dialog.getByLabel("Message").fill("Still on the phone");
    await end(page);
    await page.getByText("Session ended", { exact: true }).waitFor({ state: "attached" });
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.getByRole("button", { name: "Sign in again" }).click();
    await untilLive(page);
    await open();
    expect(await dialog.getByLabel("Message").inputValue()).toBe("Still on the phone");
    await context.close();
  });

  it("that was over before the desk was opened asks to sign in, and leads back", async () => {
    const { page, context } = await clerk(browser, system, "emil");
    await untilLive(page);
    await end(page);
    await page.route("**/outreach/me", (route) => route.fulfill({ status: 401, body: "{}" }));
    await page.goto(`${system.url}/inquiries?view=resolved`);
    const signIn = page.getByRole("button", { name: "Sign in" });
    await signIn.waitFor();
    await page.unroute("**/outreach/me");
    await signIn.click();
    await untilLive(page);
    expect(new URL(page.url()).search).toBe("?view=resolved");
    await context.close();
  });

  it("that could not be begun for want of a network begins where it was meant to", async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.route(`${system.issuer}/token`, (route) => route.abort());
    await page.goto(`${system.url}/inquiries?view=resolved`);
    const signIn = page.getByRole("button", { name: "Sign in" });
    await signIn.click();
    await page.locator('button[value="emil"]').click();
    await page.getByText("The identity provider cannot be reached").waitFor();
    await page.unroute(`${system.issuer}/token`);
    await signIn.click();
    const account = page.locator('button[value="emil"]');
    await account.or(page.locator("#main")).first().waitFor();
    if (await account.isVisible()) await account.click();
    await page.locator("#main").waitFor();
    expect(new URL(page.url()).search).toBe("?view=resolved");
    await context.close();
  });

  it("that the provider has ended says so, keeps what is shown, and leads back to it", async () => {
    const { submit } = desk(system);
    const inquiry = await submit();
    const { page, context } = await clerk(browser, system, "emil");
    await rowOf(page, inquiry).click();
    await page.getByRole("article").waitFor();
    const address = page.url();
    await end(page);
    await page.getByRole("alert").getByText("Your session has ended").waitFor();
    await page.getByText("Session ended", { exact: true }).waitFor();
    await page.getByRole("article").getByText(inquiry.name).first().waitFor();
    await page.getByRole("button", { name: "Sign in again" }).click();
    await page.waitForURL(address);
    await untilLive(page);
    await page.getByRole("article").waitFor();
    await context.close();
  });
});
