import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { launchChromium } from "../support/browser.ts";
import { clerk, desk, rowOf } from "../support/desk.ts";

const system = inject("system");
const { submit } = desk(system);
let browser: Browser;

beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

describe("what a role is offered", () => {
  it("is no address and nothing beyond status, for a cashier", async () => {
    const inquiry = await submit({ email: "secret@example.com", phone: "+44 1234 567" });
    const { page, context, complaints } = await clerk(browser, system, "clara");
    await rowOf(page, inquiry).click();
    const letter = page.getByRole("article");
    await letter.waitFor();
    expect(await page.content()).not.toContain("secret@example.com");
    expect(await page.content()).not.toContain("1234 567");
    await page.getByRole("button", { name: "Start" }).waitFor();
    for (const name of ["Delete", "Assign to me", "Save note", "Edit details", "New", "Export"]) {
      expect(await page.getByRole("button", { name, exact: true }).count(), name).toBe(0);
    }
    const sections = await page
      .getByRole("navigation", { name: "Sections" })
      .locator(".nav-link")
      .allInnerTexts();
    expect(sections).toEqual(["Inquiries"]);
    expect(await page.getByRole("link", { name: "Bin" }).count()).toBe(0);
    expect(complaints).toEqual([]);
    await context.close();
  });

  it("is an explanation, for somebody without any role", async () => {
    const { page, context } = await clerk(browser, system, "vera");
    await page.getByRole("heading", { name: "There is nothing here for you yet" }).waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("button", { name: "Sign in" }).waitFor();
    await context.close();
  });

  it("ends with signing out: the next page asks to sign in", async () => {
    const { page, context } = await clerk(browser, system, "emil");
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("button", { name: "Sign in" }).waitFor();
    await page.goto(`${system.url}/inquiries`);
    await page.getByRole("button", { name: "Sign in" }).waitFor();
    await context.close();
  });
});
