import type { Browser, Page } from "playwright-core";
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

const LONG = {
  name: "Wolfeschlegelsteinhausen".repeat(8),
  subject: "x".repeat(190),
  message: "a".repeat(5_000),
};
const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };

/** How far what can be seen of the page reaches beyond its right edge, in pixels. */
function overhang(page: Page, selector: string): Promise<number> {
  return page.evaluate((within) => {
    const edges = [...document.querySelectorAll(within)].map((each) =>
      each.getBoundingClientRect(),
    );
    return Math.max(0, ...edges.map(({ right }) => right - innerWidth));
  }, selector);
}

/** A clerk with a small phone, and an inquiry open on it. */
async function openOnPhone() {
  const inquiry = await submit();
  const { page, context } = await clerk(browser, system, "olivia", PHONE);
  await rowOf(page, inquiry).tap();
  return { inquiry, page, context };
}

describe("whatever the screen and the text", () => {
  it("a name without spaces leaves the time of its row, and the letter, in sight", async () => {
    const inquiry = await submit(LONG);
    const { page, context } = await clerk(browser, system, "olivia", PHONE);
    await rowOf(page, inquiry).waitFor();
    expect(await overhang(page, `[data-row="${inquiry.id}"] *`)).toBe(0);
    await rowOf(page, inquiry).tap();
    await page.getByRole("article").waitFor();
    expect(await overhang(page, ".letter *")).toBe(0);
    await context.close();
  });

  it("everything one may do to an inquiry is in sight on a small phone", async () => {
    const { page, context } = await openOnPhone();
    await page.getByRole("button", { name: "Delete" }).waitFor();
    expect(await overhang(page, ".detail-bar *")).toBe(0);
    expect(await page.locator('.detail-bar button:has-text("Assign") svg').isVisible()).toBe(true);
    await context.close();
  });

  it("Back closes what lies over the page, loses nothing typed, and then turns the page", async () => {
    const { inquiry, page, context } = await openOnPhone();
    const at = `**/inquiries/${inquiry.id}`;
    await page.waitForURL(at);
    await page.getByRole("button", { name: "Edit details" }).tap();
    const dialog = page.getByRole("dialog");
    await dialog.waitFor();
    await page.goBack();
    await dialog.waitFor({ state: "detached" });
    await page.waitForURL(at);

    await page.getByRole("button", { name: "Edit details" }).tap();
    await dialog.getByLabel("Subject").fill("Half a sen");
    await page.goBack();
    await dialog.getByText("Discard what you typed?").waitFor();
    await page.waitForURL(at);
    await dialog.getByRole("button", { name: "Discard" }).tap();
    await dialog.waitFor({ state: "detached" });
    await page.goBack();
    await page.waitForURL((url) => !url.pathname.includes("/inquiries/"));
    await context.close();
  });

  it("both versions of a long subject can be read on a small phone", async () => {
    const { inquiry, page, context } = await openOnPhone();
    await page.getByRole("button", { name: "Edit details" }).tap();
    await page.getByRole("dialog").getByLabel("Subject").fill("m".repeat(150));
    await call("OWNER", "PATCH", `/inquiries/${inquiry.id}`, { subject: "t".repeat(150) });
    await page.getByRole("button", { name: "Save", exact: true }).tap();
    const conflict = page.getByRole("alertdialog", { name: "Somebody else changed this" });
    await conflict.getByText("t".repeat(150)).waitFor();
    expect(await overhang(page, ".modal *")).toBe(0);
    expect(await conflict.getByText("m".repeat(150)).isVisible()).toBe(true);
    await context.close();
  });

  it("a tablet shows the list or the letter, so that either can be read", async () => {
    const inquiry = await submit();
    const viewport = { width: 768, height: 1024 };
    const { page, context } = await clerk(browser, system, "olivia", { viewport });
    await rowOf(page, inquiry).click();
    const letter = await page.getByRole("article").boundingBox();
    expect(letter?.width).toBeGreaterThan(500);
    await context.close();
  });

  it("text at twice its size makes rows higher instead of covering one another", async () => {
    const [first, second] = [await submit(), await submit()];
    const { page, context } = await clerk(browser, system, "olivia", PHONE);
    await page.evaluate(() => {
      document.documentElement.style.fontSize = "200%";
      dispatchEvent(new Event("resize"));
    });
    await rowOf(page, first).waitFor();
    const bottom = () =>
      rowOf(page, second)
        .locator(".row-more")
        .evaluate((element) => element.getBoundingClientRect().bottom);
    const top = () => rowOf(page, first).evaluate((row) => row.getBoundingClientRect().top);
    await expect.poll(async () => (await top()) - (await bottom())).toBeGreaterThanOrEqual(0);
    await context.close();
  });

  it("nothing moves under a finger: what arrives waits in the bar", async () => {
    const inquiry = await submit();
    const { page, context } = await clerk(browser, system, "emil", PHONE);
    await untilLive(page);
    const before = await rowOf(page, inquiry).boundingBox();
    const arrived = await submit();
    await page.getByRole("button", { name: "1 new" }).waitFor();
    expect(await rowOf(page, inquiry).boundingBox()).toEqual(before);
    await page.getByRole("button", { name: "1 new" }).tap();
    await rowOf(page, arrived).waitFor();
    await context.close();
  });
});
