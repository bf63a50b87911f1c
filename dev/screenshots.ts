/**
 * `npm run screenshots`: every page of the running system, by day and by night, on a screen and on a
 * phone, into docs/screenshots. Seed it first: `npm run seed:demo`.
 */
import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import sharp from "sharp";
import { launchChromium, signInAt } from "../test/support/browser.ts";
import { desk } from "../test/support/desk.ts";
import { untilStill } from "../test/support/still.ts";
import { readRunning, resolveDataDir } from "./running.ts";
import { SCENES } from "./screenshot-scenes.ts";
import { redeem } from "./sign-in.ts";

const folder = fileURLToPath(new URL("../docs/screenshots/", import.meta.url));
const MAX_BYTES = 150 * 1024;

const SIZES = {
  desktop: { width: 1360, height: 860 },
  phone: { width: 390, height: 844 },
};

/** With a palette where the whole of it would be too large for a repository. */
async function keep(name: string, png: Buffer): Promise<void> {
  let image = await sharp(png).png({ palette: true, effort: 9 }).toBuffer();
  for (const colours of [128, 64]) {
    if (image.byteLength <= MAX_BYTES) break;
    image = await sharp(png).png({ palette: true, colours, effort: 9 }).toBuffer();
  }
  const path = join(folder, `${name}.png`);
  writeFileSync(path, image);
  console.log(`${name}.png ${Math.round(statSync(path).size / 1024)} KiB`);
}

/** As a provider does that finds a refresh token used twice; the page learns it with the next 401. */
async function endSession(page: Page): Promise<void> {
  const kept = await page.evaluate(() => JSON.stringify({ ...sessionStorage }));
  const refreshToken = /refresh_token\\+":\\+"([^"\\]+)/.exec(kept)?.[1] ?? "";
  const { issuer, clientId } = running as NonNullable<typeof running>;
  const form = { grant_type: "refresh_token", client_id: clientId, refresh_token: refreshToken };
  await redeem(issuer, form);
  await redeem(issuer, form);
  await page.route("**/inquiries/*/activity*", (route) => route.fulfill({ status: 401 }));
  await page.locator("[data-row]").nth(1).click();
  await page.getByRole("button", { name: "Sign in again" }).waitFor();
}

async function settle(page: Page): Promise<void> {
  await page.waitForLoadState("networkidle");
  await page.evaluate(() => document.fonts.ready.then(() => undefined));
  await untilStill(page);
}

const running = readRunning(resolveDataDir());
if (!running) throw new Error("Nothing is running here. Start it with npm start.");
mkdirSync(folder, { recursive: true });
const api = desk(running);
const browser = await launchChromium();
try {
  for (const colorScheme of ["light", "dark"] as const) {
    for (const [device, viewport] of Object.entries(SIZES)) {
      const context = await browser.newContext({ viewport, colorScheme, locale: "en-GB" });
      const page = await context.newPage();
      const shoot = async (name: string) => {
        await settle(page);
        await keep(`${name}-${device}-${colorScheme}`, await page.screenshot());
      };
      await page.goto(running.url);
      await page.getByRole("button", { name: "Sign in" }).waitFor();
      await shoot("sign-in");
      await signInAt(page, running.url, "olivia");
      await page.locator('[data-connection="live"]').first().waitFor();
      for (const { name, path, prepare } of SCENES) {
        await page.goto(running.url + path);
        await page.locator("h1").first().waitFor({ state: "attached" });
        await page.waitForLoadState("networkidle");
        await page.locator('[data-connection="live"]').first().waitFor();
        await prepare?.(page, api);
        await shoot(name);
      }
      await page.goto(`${running.url}/inquiries?view=progress`);
      await page.locator("[data-row]").first().waitFor();
      await context.setOffline(true);
      await page.getByRole("alert").waitFor();
      await shoot("offline");
      await context.setOffline(false);
      await endSession(page);
      await shoot("session-ended");
      await context.close();
      const visitor = await browser.newContext({ viewport, colorScheme, locale: "en-GB" });
      const stranger = await visitor.newPage();
      await signInAt(stranger, running.url, "vera");
      await stranger.locator("h1").waitFor();
      await settle(stranger);
      await keep(`no-permission-${device}-${colorScheme}`, await stranger.screenshot());
      await visitor.close();
    }
  }
} finally {
  await browser.close();
}
