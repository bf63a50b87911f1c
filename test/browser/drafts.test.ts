import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { launchChromium } from "../support/browser.ts";
import { clerk, desk, rowOf } from "../support/desk.ts";

const system = inject("system");
const { call, submit } = desk(system);
let browser: Browser;

beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

const noteField = (page: Page) => page.getByLabel("Write a note");

describe("what was typed", () => {
  it("as a note is still there after another inquiry and after a reload", async () => {
    const [inquiry, other] = [await submit(), await submit()];
    const { page, context } = await clerk(browser, system, "emil");
    await rowOf(page, inquiry).click();
    await noteField(page).fill("Half a sentence");
    await rowOf(page, other).click();
    await page.waitForURL(`**/inquiries/${other.id}`);
    expect(await noteField(page).inputValue()).toBe("");
    await rowOf(page, inquiry).click();
    await page.waitForURL(`**/inquiries/${inquiry.id}`);
    expect(await noteField(page).inputValue()).toBe("Half a sentence");
    await page.reload();
    expect(await noteField(page).inputValue()).toBe("Half a sentence");
    await page.getByRole("button", { name: "Save note" }).click();
    await page.locator(".note-text", { hasText: "Half a sentence" }).waitFor();
    await expect.poll(() => noteField(page).inputValue()).toBe("");
    await context.close();
  });

  it("while a note was being saved is the next note", async () => {
    const inquiry = await submit();
    const { page, context } = await clerk(browser, system, "emil");
    await rowOf(page, inquiry).click();
    const { promise: slow, resolve: arrive } = Promise.withResolvers<void>();
    await page.route("**/activity", async (route) => {
      if (route.request().method() === "POST") await slow;
      await route.continue();
    });
    await noteField(page).fill("Called.");
    await page.keyboard.press("Control+Enter");
    await page.getByText("Saving …").waitFor();
    await noteField(page).pressSequentially(" No answer.");
    arrive();
    await page.locator(".note-text", { hasText: "Called." }).waitFor();
    await expect.poll(() => noteField(page).inputValue()).toBe("No answer.");
    await context.close();
  });

  it("and saved again, because the answer was lost, is one note, over a reload too", async () => {
    const inquiry = await submit();
    const { page, context } = await clerk(browser, system, "emil");
    await rowOf(page, inquiry).click();
    await page.route("**/activity", async (route) => {
      if (route.request().method() !== "POST") return route.fallback();
      await route.fetch();
      await route.abort();
    });
    await noteField(page).fill("Called, no answer.");
    const save = page.getByRole("button", { name: "Save note" });
    await save.click();
    await page.getByText("The note was not saved").waitFor();
    await page.unroute("**/activity");
    await page.reload();
    const notes = page.locator(".note-text", { hasText: "Called, no answer." });
    await notes.waitFor();
    await save.click();
    await expect.poll(() => noteField(page).inputValue()).toBe("");
    // Said again on purpose, it is another.
    await noteField(page).fill("Called, no answer.");
    await save.click();
    await expect.poll(() => noteField(page).inputValue()).toBe("");
    const trail = `/inquiries/${inquiry.id}/activity`;
    const { data } = await call<{ data: { kind: string }[] }>("OWNER", "GET", trail);
    expect(data.map(({ kind }) => kind)).toEqual(["note", "note"]);
    await context.close();
  });

  it("into a form is there again after a reload, and gone when it was discarded", async () => {
    const { page, context } = await clerk(browser, system, "emil");
    const open = () => page.getByRole("button", { name: "New", exact: true }).click();
    const message = page.getByRole("dialog").getByLabel("Message");
    await open();
    await message.fill("On the phone right now");
    await page.reload();
    await open();
    await page.getByText("is here again").waitFor();
    expect(await message.inputValue()).toBe("On the phone right now");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Discard" }).click();
    await message.waitFor({ state: "detached" });
    await open();
    expect(await message.inputValue()).toBe("");
    await context.close();
  });

  it("into a form does not come back once it has been saved", async () => {
    const inquiry = await submit({ subject: "Before" });
    const { page, context } = await clerk(browser, system, "emil");
    await rowOf(page, inquiry).click();
    const subject = page.getByRole("dialog").getByLabel("Subject");
    for (const [before, after] of [
      ["Before", "Between"],
      ["Between", "After"],
    ] as const) {
      await page.getByRole("button", { name: "Edit details" }).click();
      expect(await subject.inputValue()).toBe(before);
      await subject.fill(after);
      await page.getByRole("button", { name: "Save", exact: true }).click();
      await subject.waitFor({ state: "detached" });
    }
    const saved = await call<{ subject: string }>("OWNER", "GET", `/inquiries/${inquiry.id}`);
    expect(saved.subject).toBe("After");
    await context.close();
  });

  it("goes with signing out", async () => {
    const inquiry = await submit();
    const { page, context } = await clerk(browser, system, "emil");
    await rowOf(page, inquiry).click();
    await noteField(page).fill("Nobody else's");
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("button", { name: "Sign in" }).waitFor();
    const kept = await page.evaluate(() => JSON.stringify({ ...sessionStorage }));
    expect(kept).not.toContain("Nobody else's");
    await context.close();
  });

  it("into the search keeps its spaces, however slowly it is typed", async () => {
    const { page, context } = await clerk(browser, system, "emil");
    const search = page.getByRole("searchbox");
    await search.pressSequentially("ada ");
    await page.waitForURL("**/inquiries?q=ada");
    await search.pressSequentially("byron");
    await page.waitForURL(/q=ada(\+|%20)byron$/);
    expect(await search.inputValue()).toBe("ada byron");
    await context.close();
  });
});
