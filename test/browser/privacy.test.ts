import { readFileSync } from "node:fs";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { launchChromium } from "../support/browser.ts";
import { clerk, desk, rowOf, untilLive } from "../support/desk.ts";

const system = inject("system");
const { call, submit } = desk(system);
let browser: Browser;

beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

const freshAddress = () =>
  `person.${Date.now()}.${Math.random().toString(36).slice(2, 8)}@example.com`;

describe("what is held about an address", () => {
  it("is found from an inquiry, without the address in any address, and can be saved", async () => {
    const email = freshAddress();
    const inquiry = await submit({ email, subject: "Held" });
    await submit({ message: `Please write to ${email} instead.` });
    const { page, context, complaints } = await clerk(browser, system, "olivia");
    await rowOf(page, inquiry).click();
    await page.getByRole("link", { name: `What is held about ${email}` }).click();
    await page.waitForURL(`${system.url}/privacy`);
    expect(await page.getByLabel("E-mail address").inputValue()).toBe(email);
    await page.getByRole("button", { name: "Look up" }).click();
    await page.getByRole("heading", { name: email }).waitFor();
    await page.getByRole("heading", { name: "1 inquiry" }).waitFor();
    expect(await page.getByRole("link", { name: /^Inquiry \d+/ }).count()).toBe(1);
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Report" }).click();
    const file = await download;
    expect(file.suggestedFilename()).not.toContain("@");
    const report = JSON.parse(readFileSync(await file.path(), "utf8")) as {
      email: string;
      data: { inquiries: { id: string }[] };
    };
    expect(report.email).toBe(email);
    expect(report.data.inquiries.map(({ id }) => id)).toEqual([inquiry.id]);
    expect(complaints).toEqual([]);
    await context.close();
  });

  it("is erased once the address has been typed again, and whoever has it open sees it go", async () => {
    const email = freshAddress();
    const inquiry = await submit({ email, subject: "To be forgotten" });
    const [owner, other] = await Promise.all([
      clerk(browser, system, "olivia"),
      clerk(browser, system, "emil"),
    ]);
    await untilLive(other.page);
    await rowOf(other.page, inquiry).click();
    await other.page.getByRole("heading", { name: "To be forgotten" }).waitFor();

    await owner.page.goto(`${system.url}/privacy`);
    await owner.page.getByLabel("E-mail address").fill(email.toUpperCase());
    await owner.page.getByRole("button", { name: "Look up" }).click();
    await owner.page.getByRole("button", { name: /^Erase/ }).click();
    const dialog = owner.page.getByRole("alertdialog", { name: "Erase for good?" });
    const erase = dialog.getByRole("button", { name: "Erase for good" });
    await dialog.getByLabel("Type the address to confirm").fill("somebody.else@example.com");
    expect(await erase.isDisabled()).toBe(true);
    await dialog.getByLabel("Type the address to confirm").fill(email);
    await erase.click();
    await owner.page.getByText("Erased: 1 inquiry").waitFor();

    await other.page.getByRole("article").getByText("[erased]").first().waitFor();
    expect(await other.page.content()).not.toContain(email);
    expect(other.complaints).toEqual([]);
    await Promise.all([owner.context.close(), other.context.close()]);
  });

  it("is gone for whoever has a subscriber open", async () => {
    const email = freshAddress();
    const entered = { email, name: "Rita" };
    const { id } = await call<{ id: string }>("OWNER", "POST", "/subscribers", entered);
    const { page, context } = await clerk(browser, system, "emil");
    await page.goto(`${system.url}/subscribers/${id}`);
    await untilLive(page);
    await page.getByRole("article").getByText(email).waitFor();
    await call("OWNER", "POST", "/privacy/erase", { email });
    await page.getByText(email).first().waitFor({ state: "detached" });
    expect(await page.content()).not.toContain(email);
    await context.close();
  });

  it("asks for an address where what was typed is none", async () => {
    const { page, context } = await clerk(browser, system, "olivia");
    await page.goto(`${system.url}/privacy`);
    const field = page.getByLabel("E-mail address");
    await field.fill("nobody");
    await page.keyboard.press("Enter");
    await expect.poll(() => field.getAttribute("aria-invalid")).toBe("true");
    await context.close();
  });

  it("is an owner's business alone, like an export", async () => {
    const inquiry = await submit();
    const { page, context } = await clerk(browser, system, "emil");
    await rowOf(page, inquiry).click();
    await page.getByRole("button", { name: "Edit details" }).waitFor();
    expect(await page.getByRole("link", { name: /What is held|Privacy/ }).count()).toBe(0);
    expect(await page.getByRole("button", { name: "Export" }).count()).toBe(0);
    await context.close();
  });
});
