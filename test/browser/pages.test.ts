import { gzipSync } from "node:zlib";
import axe from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { launchChromium } from "../support/browser.ts";
import { clerk, desk, rowOf } from "../support/desk.ts";
import { untilStill } from "../support/still.ts";

const system = inject("system");
const { call, submit } = desk(system);
let browser: Browser;

beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

/** Axe reads every element of every page, which takes a machine that does other things a minute. */
const SLOW_MS = 150_000;

const FIRST_LOAD_MAX_BYTES = 200 * 1024;

/** What axe finds, by rule and element. */
async function violations(page: Page): Promise<string[]> {
  // Over the debugger, which no content security policy applies to.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { axe: typeof axe }).axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }),
  );
  return violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`,
  );
}

const SCREENS = [
  ["desktop", { width: 1360, height: 860 }],
  ["phone", { width: 390, height: 844 }],
] as const;

const broken = (found: Record<string, string[]>) =>
  Object.entries(found).filter(([, rules]) => rules.length > 0);

const PAGES = [
  "/inquiries",
  "/subscribers",
  "/statistics",
  "/operations",
  "/privacy",
  "/forms",
  "/nowhere",
] as const;

/** What axe finds in a dialogue, once it has faded in: until then its contrast is not what it will be. */
async function violationsInDialog(page: Page): Promise<string[]> {
  await page.locator("[role=dialog], [role=alertdialog]").waitFor();
  await untilStill(page);
  return violations(page);
}

/** Colours are those of one table for every screen, so the phone is looked at in one of them. */
describe.each([
  ["light", SCREENS],
  ["dark", SCREENS.slice(0, 1)],
] as const)("in %s colours", (colorScheme, screens) => {
  it.each(screens)(
    "no page breaks a rule of accessibility on a %s",
    { timeout: SLOW_MS },
    async (_, viewport) => {
      const inquiry = await submit({ subject: "Rules", metadata: { order: "1" } });
      const { page, context, strangers, complaints } = await clerk(browser, system, "olivia", {
        colorScheme,
        viewport,
      });
      const found: Record<string, string[]> = {};
      for (const path of PAGES) {
        await page.goto(`${system.url}${path}`);
        await page.waitForLoadState("networkidle");
        await page.locator("#main h1").first().waitFor({ state: "attached" });
        found[path] = await violations(page);
      }
      await page.goto(`${system.url}/inquiries`);
      await rowOf(page, inquiry).click();
      await page.getByRole("article").waitFor();
      await page.getByText("Arrived").waitFor();
      found["detail"] = await violations(page);
      expect(broken(found)).toEqual([]);
      expect({ strangers, complaints }).toEqual({ strangers: [], complaints: [] });
      await context.close();
    },
  );

  it.each(screens)(
    "no dialogue breaks a rule of accessibility on a %s",
    { timeout: SLOW_MS },
    async (_, viewport) => {
      const inquiry = await submit();
      const { page, context, strangers, complaints } = await clerk(browser, system, "olivia", {
        colorScheme,
        viewport,
      });
      const found: Record<string, string[]> = {};
      await rowOf(page, inquiry).click();
      await page.getByRole("article").waitFor();
      await page.keyboard.press("?");
      found["help"] = await violationsInDialog(page);
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: "Edit details" }).click();
      found["edit"] = await violationsInDialog(page);
      await page.keyboard.press("Escape");
      await page.getByRole("link", { name: /What is held/ }).click();
      await page.getByRole("button", { name: "Look up" }).click();
      await page.locator(".held-thing summary").first().click();
      found["report"] = await violations(page);
      await page.getByRole("button", { name: /^Erase/ }).click();
      found["erase"] = await violationsInDialog(page);
      await page.goto(`${system.url}/inquiries`);
      await page.getByRole("button", { name: "Export" }).click();
      found["export"] = await violationsInDialog(page);
      await page.keyboard.press("Escape");
      expect(complaints).toEqual([]);
      await page.getByRole("button", { name: "New", exact: true }).click();
      await page.getByRole("button", { name: "Save" }).click();
      await page.locator(".field-error").first().waitFor();
      found["entry"] = await violationsInDialog(page);
      expect(broken(found)).toEqual([]);
      expect(strangers).toEqual([]);
      await context.close();
    },
  );

  it.each(screens)(
    "no part of the list breaks a rule on a %s",
    { timeout: SLOW_MS },
    async (_, viewport) => {
      const email = `rules.${Date.now()}.${Math.floor(Math.random() * 1e6)}@example.com`;
      const subscriber = await call<{ id: string }>("OWNER", "POST", "/subscribers", {
        email,
        name: "Rules",
        consent: { wording: "Yes." },
      });
      const { page, context, strangers, complaints } = await clerk(browser, system, "olivia", {
        colorScheme,
        viewport,
      });
      const found: Record<string, string[]> = {};
      await page.goto(`${system.url}/subscribers/${subscriber.id}`);
      await page.locator(".entry").first().waitFor();
      found["card"] = await violations(page);
      await page.getByRole("button", { name: "Edit details" }).click();
      found["edit"] = await violationsInDialog(page);
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: "Unsubscribe" }).click();
      found["unsubscribe"] = await violationsInDialog(page);
      await page.getByRole("alertdialog").getByRole("button", { name: "Unsubscribe" }).click();
      await page.goto(`${system.url}/subscribers/${subscriber.id}?view=left`);
      await page.getByRole("button", { name: "Put back on the list" }).click();
      found["put back"] = await violationsInDialog(page);
      await page.goto(`${system.url}/subscribers`);
      await page.getByRole("button", { name: "Import" }).click();
      found["import"] = await violationsInDialog(page);
      const lines = Buffer.from("email\nnobody\n");
      await page
        .locator("input[type=file]")
        .setInputFiles({ name: "a.csv", mimeType: "text/csv", buffer: lines });
      await page.getByText("would be added").waitFor();
      found["forecast"] = await violations(page);
      await page.keyboard.press("Escape");
      expect(complaints).toEqual([]);
      await page.getByRole("button", { name: "Add", exact: true }).click();
      await page.getByLabel("E-mail").fill(email);
      await page.getByRole("dialog").getByRole("button", { name: "Add" }).click();
      await page.getByRole("dialog").getByRole("alert").waitFor();
      found["add"] = await violationsInDialog(page);
      expect(broken(found)).toEqual([]);
      expect(strangers).toEqual([]);
      await context.close();
    },
  );

  it("the ways in break no rule either", async () => {
    const context = await browser.newContext({ colorScheme });
    const page = await context.newPage();
    await page.goto(system.url);
    await page.getByRole("button", { name: "Sign in" }).waitFor();
    expect(await violations(page)).toEqual([]);
    await context.close();
    const visitor = await clerk(browser, system, "vera", { colorScheme });
    await visitor.page.getByRole("heading", { level: 1 }).waitFor();
    expect(await violations(visitor.page)).toEqual([]);
    await visitor.context.close();
  });
});

describe("the first load", () => {
  it("is at most 200 KiB of compressed JavaScript, without charts", async () => {
    const { page, context } = await clerk(browser, system, "olivia");
    const scripts = new Map<string, number>();
    page.on("response", async (response) => {
      if (response.request().resourceType() !== "script" || !response.ok()) return;
      scripts.set(response.url(), gzipSync(await response.body(), { level: 9 }).byteLength);
    });
    await page.goto(`${system.url}/inquiries`);
    await page.locator("h1").first().waitFor();
    await page.waitForLoadState("networkidle");
    const bytes = [...scripts.values()].reduce((sum, size) => sum + size, 0);
    console.info(`first load: ${(bytes / 1024).toFixed(1)} KiB gzip in ${scripts.size} scripts`);
    expect(bytes).toBeLessThan(FIRST_LOAD_MAX_BYTES);
    expect([...scripts.keys()].join()).not.toContain("statistics");
    await context.close();
  });

  it("answers with a policy that allows no script but our own", async () => {
    const response = await fetch(`${system.url}/statistics`, { headers: { accept: "text/html" } });
    const policy = response.headers.get("content-security-policy");
    expect(policy).toContain("script-src 'self';");
    expect(policy).not.toContain("unsafe");
    expect(policy).toContain(
      `connect-src 'self' ${system.url.replace("http", "ws")} ${system.issuer}`,
    );
    const anybody = await fetch(system.url);
    expect(anybody.headers.get("content-type")).toBe("text/html; charset=utf-8");
    const api = await fetch(`${system.url}/v1/nothing`, { headers: { accept: "text/html" } });
    expect(api.status).toBe(404);
    expect(api.headers.get("content-type")).toBe("application/problem+json");
  });
});
