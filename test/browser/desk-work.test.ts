import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { launchChromium } from "../support/browser.ts";
import { clerk, desk, rowOf, untilLive } from "../support/desk.ts";

const system = inject("system");
const { call, submit } = desk(system);
let browser: Browser;

interface Inquiry {
  id: string;
  name: string;
  email: string | null;
  phone: string | null;
  subject: string | null;
  assignee: string | null;
  message: string;
}

beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

async function named(name: string): Promise<Inquiry[]> {
  const path = `/inquiries?q=${encodeURIComponent(name)}`;
  return (await call<{ data: Inquiry[] }>("OWNER", "GET", path)).data;
}

describe("an inquiry that is entered by hand", () => {
  it("is asked for what is missing at its field, and stored once by a double click", async () => {
    const name = `Caller ${Date.now()}`;
    const { page, context } = await clerk(browser, system, "emil");
    await page.locator("#main").waitFor();
    await page.keyboard.press("c");
    const dialog = page.getByRole("dialog", { name: "New inquiry" });
    await dialog.getByLabel("Name").fill(name);
    await dialog.getByRole("button", { name: "Save" }).click();
    const message = dialog.getByLabel("Message");
    await expect.poll(() => message.getAttribute("aria-invalid")).toBe("true");
    expect(await message.getAttribute("aria-describedby")).toBeTruthy();
    expect(await dialog.getByLabel("Name").inputValue()).toBe(name);

    await dialog.getByLabel("Phone").fill("+44 20 7946 0018");
    await message.fill("Telephoned: do we deliver?");
    await dialog.getByRole("button", { name: "Save" }).dblclick();
    await page.getByRole("heading", { name: `A message from ${name}` }).waitFor();
    const stored = await named(name);
    expect(stored).toHaveLength(1);
    expect(stored[0]).toMatchObject({ phone: "+44 20 7946 0018", email: null });
    await rowOf(page, stored[0] as Inquiry).waitFor();
    await context.close();
  });

  it("is not lost to a slip of the Escape key", async () => {
    const { page, context } = await clerk(browser, system, "emil");
    await page.getByRole("button", { name: "New", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: "New inquiry" });
    await dialog.getByLabel("Message").fill("Half a sentence");
    await page.keyboard.press("Escape");
    const keep = dialog.getByRole("button", { name: "Keep writing" });
    await expect.poll(() => keep.evaluate((button) => button.matches(":focus"))).toBe(true);
    await keep.click();
    expect(await dialog.getByLabel("Message").inputValue()).toBe("Half a sentence");
    await page.keyboard.press("Escape");
    await dialog.getByRole("button", { name: "Discard" }).click();
    await dialog.waitFor({ state: "detached" });
    await context.close();
  });
});

describe("the details of an inquiry", () => {
  it("are corrected where they are wrong, and nothing else is sent", async () => {
    const inquiry = await submit({ subject: "Delivry", phone: "+44 1" });
    const { page, context, complaints } = await clerk(browser, system, "emil");
    await rowOf(page, inquiry).click();
    await page.getByRole("button", { name: "Edit details" }).click();
    const dialog = page.getByRole("dialog", { name: "Edit details" });
    await dialog.getByLabel("Subject").fill("Delivery");
    await dialog.getByLabel("Phone").fill("");
    const sent = page.waitForRequest((request) => request.method() === "PATCH");
    await dialog.getByRole("button", { name: "Save" }).click();
    expect((await sent).postDataJSON()).toEqual({ subject: "Delivery", phone: null });
    expect((await sent).headers()["if-match"]).toBe('"v1"');
    await page.getByRole("heading", { name: "Delivery" }).waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });

  it("say what is wrong at the field", async () => {
    const inquiry = await submit();
    const { page, context } = await clerk(browser, system, "emil");
    await rowOf(page, inquiry).click();
    await page.getByRole("article").waitFor();
    await page.keyboard.press("d");
    const email = page.getByRole("dialog").getByLabel("E-mail");
    await email.fill("nobody");
    await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
    await expect.poll(() => email.getAttribute("aria-invalid")).toBe("true");
    await context.close();
  });

  it("that somebody else changed meanwhile are shown beside one's own, and can be applied on top", async () => {
    const inquiry = await submit({ subject: "Before" });
    const { page, context } = await clerk(browser, system, "emil");
    await untilLive(page);
    await rowOf(page, inquiry).click();
    await page.getByRole("button", { name: "Edit details" }).click();
    const dialog = page.getByRole("dialog", { name: "Edit details" });
    await dialog.getByLabel("Subject").fill("Mine");
    await call("OWNER", "PATCH", `/inquiries/${inquiry.id}`, { subject: "Theirs" });
    // The page has heard of it, and what is being edited is still what it was.
    await page.getByText("Theirs").first().waitFor({ state: "attached" });
    await dialog.getByRole("button", { name: "Save" }).click();
    const conflict = page.getByRole("alertdialog", { name: "Somebody else changed this" });
    await conflict.waitFor();
    expect(await conflict.getByRole("row", { name: /Subject/ }).textContent()).toBe(
      "SubjectBeforeTheirsMine",
    );
    await conflict.getByRole("button", { name: "Apply mine on top" }).click();
    await page.getByRole("heading", { name: "Mine" }).waitFor();
    await context.close();
  });
});
