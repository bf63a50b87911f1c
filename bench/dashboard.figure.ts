import { gzipSync } from "node:zlib";
import type { BrowserContext, Page } from "playwright-core";
import { launchChromium, signInAt } from "../test/support/browser.ts";
import { desk } from "../test/support/desk.ts";
import { startSystem } from "../test/support/system.ts";
import { type Figure, RUNS } from "./figure.ts";

const INQUIRIES = 50;

export const figure: Figure = {
  title: "The dashboard's first load",
  how: "Headless Chromium on loopback, the built Worker under `wrangler dev`, a valid session, nothing in the browser's cache. Usable: from navigation until the list's first row is painted and takes a click. JavaScript: what the page loads until then and in the second after, compressed with gzip -9.",
  async measure() {
    const system = await startSystem();
    const browser = await launchChromium();
    try {
      const { submit } = desk(system);
      for (let made = 0; made < INQUIRIES; made += 1) await submit();
      const context = await browser.newContext({ viewport: { width: 1360, height: 860 } });
      await watchForRow(context);
      const page = await context.newPage();
      await signInAt(page, system.url, "olivia");
      const loads = [];
      for (let run = 0; run < RUNS; run += 1) {
        loads.push(await load(page, `${system.url}/inquiries`));
      }
      return [
        {
          what: "usable after",
          unit: "ms",
          runs: loads.map(({ milliseconds }) => milliseconds),
          target: { atMost: 1_000 },
        },
        {
          what: "JavaScript",
          unit: "KiB",
          runs: loads.map(({ kibibytes }) => kibibytes),
          target: { atMost: 200 },
        },
      ];
    } finally {
      await browser.close();
      await system.close();
    }
  },
};

/** Notes, by the page's own clock, when the first row has been painted. */
function watchForRow(context: BrowserContext): Promise<unknown> {
  return context.addInitScript(() => {
    const watcher = new MutationObserver(() => {
      if (!document.querySelector("[data-row]")) return;
      watcher.disconnect();
      // The frame that holds it has been drawn when the one after it begins.
      requestAnimationFrame(() =>
        requestAnimationFrame(() => performance.mark("first row painted")),
      );
    });
    watcher.observe(document, { childList: true, subtree: true });
  });
}

async function load(page: Page, url: string) {
  const debug = await page.context().newCDPSession(page);
  await debug.send("Network.clearBrowserCache");
  await debug.detach();
  const sizes: Promise<number>[] = [];
  page.on("response", (response) => {
    if (response.request().resourceType() !== "script") return;
    sizes.push(response.body().then((body) => gzipSync(body, { level: 9 }).byteLength));
  });
  await page.goto(url);
  await page.locator("[data-row]").first().click({ trial: true });
  const milliseconds = await page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const look = () => {
          const [mark] = performance.getEntriesByName("first row painted");
          if (mark) resolve(mark.startTime);
          else requestAnimationFrame(look);
        };
        look();
      }),
  );
  await page.waitForTimeout(1_000);
  page.removeAllListeners("response");
  const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
  return { milliseconds, kibibytes: bytes / 1024 };
}
