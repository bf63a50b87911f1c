import { readFileSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { launchChromium } from "../support/browser.ts";
import { clerk, desk } from "../support/desk.ts";

const system = inject("system");
const { submit } = desk(system);
let browser: Browser;

beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

/** As in browsers that cannot write to a place of the person's choice. */
async function withoutPicker(page: Page): Promise<void> {
  await page.evaluate("window.showSaveFilePicker = undefined");
}

/** Nobody can answer the browser's own dialogue here: a real file of the page's own stands for theirs. */
async function pickOwnFile(page: Page): Promise<void> {
  await page.evaluate(`window.showSaveFilePicker = async ({ suggestedName }) => {
    const folder = await navigator.storage.getDirectory();
    return folder.getFileHandle(suggestedName, { create: true });
  }`);
}

/** What the page has in its own files, by name. */
function ownFiles(page: Page): Promise<Record<string, string>> {
  return page.evaluate(async () => {
    const folder = await navigator.storage.getDirectory();
    const files: Record<string, string> = {};
    for await (const [name, handle] of folder as unknown as AsyncIterable<
      [string, FileSystemFileHandle]
    >) {
      files[name] = await (await handle.getFile()).text();
    }
    return files;
  });
}

describe("an export", () => {
  it("holds what the list is filtered to, in the format that was chosen", async () => {
    const word = `ledger${Date.now()}`;
    await submit({ subject: `The ${word}`, message: 'Two\nlines, and a "quote"' });
    await submit({ subject: `The other ${word}` });
    await submit();
    const { page, context, complaints } = await clerk(browser, system, "olivia");
    await page.goto(`${system.url}/inquiries?q=${word}`);
    await withoutPicker(page);
    for (const format of ["CSV", "NDJSON"] as const) {
      await page.getByRole("button", { name: "Export" }).click();
      await page.getByRole("radio", { name: new RegExp(`^${format}`) }).check();
      const download = page.waitForEvent("download");
      await page.getByRole("button", { name: "Save file" }).click();
      await page.getByText("Saved 2 rows").waitFor();
      const file = await download;
      expect(file.suggestedFilename()).toMatch(
        new RegExp(`^inquiries-open-\\d{4}-\\d\\d-\\d\\d\\.${format.toLowerCase()}$`),
      );
      const text = readFileSync(await file.path(), "utf8");
      expect(text).toContain(`The other ${word}`);
      if (format === "CSV") expect(text).toContain('"Two\nlines, and a ""quote"""');
      else
        expect(
          text
            .trim()
            .split("\n")
            .map((line) => JSON.parse(line) as object),
        ).toHaveLength(2);
      await page.getByRole("button", { name: "Close" }).click();
    }
    expect(complaints).toEqual([]);
    await context.close();
  });

  it("is written as it comes, where the browser can", async () => {
    const word = `stream${Date.now()}`;
    const { id } = await submit({ subject: word });
    const { page, context } = await clerk(browser, system, "olivia");
    await page.goto(`${system.url}/inquiries?q=${word}`);
    await pickOwnFile(page);
    await page.getByRole("button", { name: "Export" }).click();
    await page.getByRole("button", { name: "Save file" }).click();
    await page.getByText("Saved 1 row,").waitFor();
    expect(Object.values(await ownFiles(page)).join()).toContain(id);
    await context.close();
  });

  it("can be stopped, and then keeps nothing", async () => {
    await submit();
    const { page, context } = await clerk(browser, system, "olivia");
    await pickOwnFile(page);
    // An answer that does not come, as of a database that is busy.
    await page.route("**/inquiries/export*", () => undefined);
    await page.getByRole("button", { name: "Export" }).click();
    await page.getByRole("button", { name: "Save file" }).click();
    await page.getByRole("progressbar").waitFor();
    await page.getByRole("button", { name: "Stop" }).click();
    await page.getByRole("button", { name: "Save file" }).waitFor();
    expect(Object.values(await ownFiles(page))).toEqual([""]);
    await context.close();
  });

  it("that cannot be made says why, and can be tried again", async () => {
    const { page, context } = await clerk(browser, system, "olivia");
    await withoutPicker(page);
    await page.route("**/inquiries/export*", (route) => route.abort());
    await page.getByRole("button", { name: "Export" }).click();
    await page.getByRole("button", { name: "Save file" }).click();
    await page.getByRole("alert").getByText("The desk cannot be reached").waitFor();
    await page.unroute("**/inquiries/export*");
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByText(/Saved [\d,]+ rows?/).waitFor();
    await context.close();
  });
});
