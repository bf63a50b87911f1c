import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { launchChromium } from "../support/browser.ts";
import { clerk, desk, rowOf, tickOf, untilLive } from "../support/desk.ts";

const system = inject("system");
const { call, submit, statusOf } = desk(system);
let browser: Browser;

beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

describe("triage", () => {
  it("needs no mouse: open, start, take back, resolve, note, help", async () => {
    const inquiry = await submit();
    const { page, context, complaints } = await clerk(browser, system, "emil");
    await rowOf(page, inquiry).waitFor();
    await page.keyboard.press("j");
    await page.waitForURL(`**/inquiries/${inquiry.id}`);
    await page.getByRole("article").waitFor();

    await page.keyboard.press("s");
    await page.getByRole("button", { name: "Undo" }).waitFor();
    await page.keyboard.press("z");
    await page.locator(".letter .status.NEW").waitFor();
    expect(await statusOf(inquiry.id)).toBe("NEW");

    await page.keyboard.press("n");
    await page.keyboard.type("Written by keyboard");
    await page.keyboard.press("Control+Enter");
    await page.locator(".note-text", { hasText: "Written by keyboard" }).waitFor();
    await page.keyboard.press("Escape");

    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keys" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });

    await page.keyboard.press("e");
    await rowOf(page, inquiry).waitFor({ state: "detached" });
    await expect.poll(() => statusOf(inquiry.id), { timeout: 9_000 }).toBe("RESOLVED");
    expect(complaints).toEqual([]);
    await context.close();
  });

  it("does nothing twice while a key is held down", async () => {
    const [first, second] = [await submit(), await submit()];
    const { page, context } = await clerk(browser, system, "emil");
    await rowOf(page, second).click();
    await page.getByRole("article").waitFor();
    await page.keyboard.down("e");
    await rowOf(page, second).waitFor({ state: "detached" });
    await page.waitForURL(`**/inquiries/${first.id}`);
    await page.getByRole("article").getByText(first.name).first().waitFor();
    await page.keyboard.down("e");
    await page.keyboard.up("e");
    expect(await rowOf(page, first).count()).toBe(1);
    await page.keyboard.press("z");
    await context.close();
  });

  it("changes many at once, and undo sends nothing at all", async () => {
    const inquiries = [await submit(), await submit(), await submit()];
    const { page, context } = await clerk(browser, system, "emil");
    const select = async () => {
      for (const each of inquiries) await tickOf(page, each).click();
      await page.getByText("3 selected").waitFor();
    };
    await select();
    const resolve = page.getByRole("toolbar", { name: "Selected inquiries" });
    await resolve.getByRole("button", { name: "Resolve" }).click();
    for (const each of inquiries) await rowOf(page, each).waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Undo" }).click();
    for (const each of inquiries) await rowOf(page, each).waitFor();
    const trail = await call<{ data: unknown[] }>(
      "OWNER",
      "GET",
      `/inquiries/${inquiries[0]?.id}/activity`,
    );
    expect(trail.data).toEqual([]);

    await select();
    await resolve.getByRole("button", { name: "Resolve" }).click();
    for (const { id } of inquiries) {
      await expect.poll(() => statusOf(id), { timeout: 9_000 }).toBe("RESOLVED");
    }
    await context.close();
  });

  it("shows both versions when two clerks change one inquiry", async () => {
    const inquiry = await submit();
    const [first, second] = await Promise.all([
      clerk(browser, system, "emil"),
      clerk(browser, system, "olivia"),
    ]);
    await untilLive(second.page);
    for (const { page } of [first, second]) {
      await rowOf(page, inquiry).click();
      await page.getByRole("article").waitFor();
    }
    // Hers waits for its undo to run out; his comes first.
    await second.page.getByRole("button", { name: "Spam" }).click();
    await first.page.getByRole("button", { name: "Assign to me" }).click();
    await first.page.getByText("Assigned to emil").waitFor();

    const dialog = second.page.getByRole("alertdialog", { name: "Somebody else changed this" });
    await dialog.waitFor({ timeout: 12_000 });
    const table = await dialog.getByRole("table").textContent();
    expect(table).toContain("emil");
    expect(table).toContain("Cancelled");
    await dialog.getByRole("button", { name: "Keep theirs" }).click();
    expect(await statusOf(inquiry.id)).toBe("NEW");
    await Promise.all([first.context.close(), second.context.close()]);
  });

  it("puts what was deleted in the bin, and brings it back", async () => {
    const inquiry = await submit();
    const { page, context } = await clerk(browser, system, "olivia");
    await rowOf(page, inquiry).click();
    await page.getByRole("button", { name: "Delete" }).click();
    await rowOf(page, inquiry).waitFor({ state: "detached" });
    await page.getByRole("link", { name: "Bin" }).first().click();
    await rowOf(page, inquiry).click();
    await page.getByRole("button", { name: "Restore" }).click();
    await expect.poll(() => statusOf(inquiry.id)).toBe("NEW");
    await context.close();
  });

  it("keeps search and filters in the address, so that a list can be shared", async () => {
    const word = `zephyr${Date.now()}`;
    const inquiry = await submit({ subject: `About the ${word}` });
    await submit();
    const { page, context } = await clerk(browser, system, "emil");
    await page.getByRole("searchbox").fill(word);
    await page.waitForURL(`**/inquiries?q=${word}`);
    await rowOf(page, inquiry).waitFor();
    await page.reload();
    await rowOf(page, inquiry).waitFor();
    expect(await page.locator("[data-row]").count()).toBe(1);
    await page.getByRole("searchbox").fill(`no${word}`);
    await page.getByText("Nothing matches").waitFor();
    await context.close();
  });
});
