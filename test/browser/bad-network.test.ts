import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { launchChromium } from "../support/browser.ts";
import { clerk, desk, rowOf, type SubmittedInquiry, untilLive } from "../support/desk.ts";

const system = inject("system");
const { call, submit, statusOf } = desk(system);
let browser: Browser;

beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

const isList = (url: URL) => url.pathname === "/v1/api/outreach/inquiries";

describe("without a network", () => {
  it("a page that has not been loaded yet says so, and comes when the network does", async () => {
    const { page, context } = await clerk(browser, system, "emil");
    await untilLive(page);
    await context.setOffline(true);
    await page.locator(".rail-foot").getByText("No network").waitFor();
    await page.getByRole("link", { name: "Subscribers" }).click();
    await page.getByText("The desk cannot be reached").waitFor();
    await context.setOffline(false);
    await page.getByRole("heading", { name: "On the list" }).waitFor();
    await context.close();
  });

  it("a dialogue that cannot be had takes nothing away, and opens the next time", async () => {
    const inquiry = await submit();
    const { page, context } = await clerk(browser, system, "emil");
    await page.route("**/entry-dialog*.js", (route) => route.abort());
    await page.reload();
    await rowOf(page, inquiry).waitFor();
    await page.getByRole("button", { name: "New", exact: true }).click();
    await page.getByText("This could not be opened").waitFor();
    await rowOf(page, inquiry).waitFor();
    await page.unroute("**/entry-dialog*.js");
    await page.getByRole("button", { name: "New", exact: true }).click();
    await page.getByRole("dialog", { name: "New inquiry" }).waitFor();
    await context.close();
  });
});

describe("over a slow network", () => {
  it("a list that could not be loaded is loaded once the room is live again", async () => {
    const inquiry = await submit();
    const { page, context } = await clerk(browser, system, "emil");
    let isAway = true;
    await page.route(isList, (route) => (isAway ? route.abort() : route.fallback()));
    await page.routeWebSocket(/\/rooms\//, (socket) => {
      if (isAway) void socket.close();
      else socket.connectToServer();
    });
    await page.reload();
    await page.getByText("The desk cannot be reached").waitFor();
    isAway = false;
    await rowOf(page, inquiry).waitFor();
    await context.close();
  });

  it("what changes while the list is on its way is shown as it is now", async () => {
    const inquiry = await submit();
    const { page, context } = await clerk(browser, system, "emil");
    await untilLive(page);
    const { promise: changed, resolve: arrive } = Promise.withResolvers<void>();
    const { promise: read, resolve: wasRead } = Promise.withResolvers<void>();
    await page.route(isList, async (route) => {
      const response = await route.fetch();
      wasRead();
      await changed;
      await route.fulfill({ response });
    });
    await page.locator(".views.rail").getByRole("link", { name: "All", exact: true }).click();
    await read;
    const count = page.waitForResponse(/\/inquiries\/count/);
    await call("OWNER", "PATCH", `/inquiries/${inquiry.id}`, { status: "CANCELLED" });
    // It asks for the counts when it has heard of the change.
    await count;
    arrive();
    await page.locator(`.row.CANCELLED [data-row="${inquiry.id}"]`).waitFor();
    await context.close();
  });

  it("what is loaded for a connection that is over by now brings nothing back", async () => {
    const { page, context } = await clerk(browser, system, "emil");
    await untilLive(page);
    const rooms = new Set<{ close(): Promise<void> }>();
    await page.routeWebSocket(/\/rooms\//, (socket) => {
      socket.connectToServer();
      rooms.add(socket);
    });
    const read = Promise.withResolvers<SubmittedInquiry>();
    const { promise: connectedAnew, resolve: answer } = Promise.withResolvers<void>();
    let asked = 0;
    await page.route(isList, async (route) => {
      asked += 1;
      // The first is the list's own, the second the reload of the first connection.
      if (asked !== 2) return route.fallback();
      const inquiry = await submit();
      const response = await route.fetch();
      read.resolve(inquiry);
      await connectedAnew;
      await route.fulfill({ response });
    });
    await page.reload();
    const gone = await read.promise;
    await page.mouse.move(1200, 400);
    await call("OWNER", "PATCH", `/inquiries/${gone.id}`, { status: "CANCELLED" });
    for (const socket of rooms) await socket.close();
    await untilLive(page);
    const late = page.waitForResponse((response) => isList(new URL(response.url())));
    answer();
    await late;
    await rowOf(page, await submit()).waitFor();
    expect(await rowOf(page, gone).count()).toBe(0);
    await context.close();
  });
});

describe("a change of status", () => {
  it("of two steps is finished when the desk is opened again", async () => {
    const inquiry = await submit();
    const { page, context } = await clerk(browser, system, "emil");
    await rowOf(page, inquiry).click();
    await page.getByRole("button", { name: "Resolve" }).click();
    await page.getByRole("button", { name: "Undo" }).waitFor();
    await page.reload();
    await expect.poll(() => statusOf(inquiry.id), { timeout: 9_000 }).toBe("RESOLVED");
    await context.close();
  });

  it("is made before another list is shown, not after", async () => {
    const inquiry = await submit();
    const { page, context } = await clerk(browser, system, "emil");
    await rowOf(page, inquiry).click();
    await page.getByRole("button", { name: "Resolve" }).click();
    await page.getByRole("button", { name: "Undo" }).waitFor();
    await page.locator(".views.rail").getByRole("link", { name: "Resolved" }).click();
    await rowOf(page, inquiry).waitFor();
    await context.close();
  });

  it("that could not be made offers to try again", async () => {
    const inquiry = await submit();
    const { page, context } = await clerk(browser, system, "emil");
    await rowOf(page, inquiry).click();
    await page.route(`**/inquiries/${inquiry.id}`, (route) =>
      route.request().method() === "PATCH" ? route.abort() : route.fallback(),
    );
    await page.getByRole("button", { name: "Start" }).click();
    const again = page.getByRole("button", { name: "Try again" });
    await again.waitFor();
    await page.unroute(`**/inquiries/${inquiry.id}`);
    await again.click();
    await expect.poll(() => statusOf(inquiry.id), { timeout: 9_000 }).toBe("IN_PROGRESS");
    await context.close();
  });

  it("by a colleague is counted where the inquiry belongs now", async () => {
    const inquiry = await submit();
    const { page, context } = await clerk(browser, system, "emil");
    await page.goto(`${system.url}/inquiries?view=progress`);
    await untilLive(page);
    expect(await rowOf(page, inquiry).count()).toBe(0);
    await call("OWNER", "PATCH", `/inquiries/${inquiry.id}`, { status: "IN_PROGRESS" });
    await page.getByRole("button", { name: "1 new" }).click();
    await rowOf(page, inquiry).waitFor();
    await context.close();
  });

  it("of one's own in two steps is no news", async () => {
    const inquiry = await submit();
    const { page, context } = await clerk(browser, system, "emil");
    await untilLive(page);
    await rowOf(page, inquiry).click();
    await page.evaluate(() => {
      const seen = window as unknown as { bar: string };
      seen.bar = "";
      new MutationObserver(() => {
        seen.bar += document.querySelector(".arrivals")?.textContent ?? "";
      }).observe(document.body, { childList: true, subtree: true, characterData: true });
    });
    await page.getByRole("button", { name: "Resolve" }).click();
    await expect.poll(() => statusOf(inquiry.id), { timeout: 9_000 }).toBe("RESOLVED");
    await page.waitForResponse(/\/inquiries\/count/);
    expect(await page.evaluate("window.bar")).toBe("");
    await context.close();
  });
});
