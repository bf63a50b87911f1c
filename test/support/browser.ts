import { existsSync } from "node:fs";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";

/** Where Debian, Ubuntu and others put it. */
const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

export function findChromium(): string | undefined {
  return PLACES.find((path) => existsSync(path));
}

export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: findChromium() ?? "chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** Signs in as a person would: the button, the provider's page, back to where one was. */
export async function signInAt(page: Page, url: string, user: string): Promise<void> {
  await page.goto(url);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.locator(`button[value="${user}"]`).click();
  // Back is not yet in: the code has to be redeemed, and going on before would lose it.
  await page.locator("#main, .full h1").first().waitFor();
}

/** What a page must not do: ask strangers, or complain. */
export function watch(context: BrowserContext, allowed: readonly string[]) {
  const strangers: string[] = [];
  const complaints: string[] = [];
  context.on("request", (request) => {
    const url = new URL(request.url());
    if (/^https?:$/.test(url.protocol) && !allowed.includes(url.origin)) strangers.push(url.href);
  });
  context.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  context.on("weberror", (error) => complaints.push(error.error().message));
  return { strangers, complaints };
}
