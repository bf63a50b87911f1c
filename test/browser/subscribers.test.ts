import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { launchChromium } from "../support/browser.ts";
import { clerk, desk, rowOf, untilLive } from "../support/desk.ts";

const system = inject("system");
const { call } = desk(system);
let browser: Browser;

interface Subscriber {
  id: string;
  email: string;
  name: string;
  status: string;
  consent: { wording?: string } | null;
}

beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

const freshAddress = () => `reader.${randomUUID().slice(0, 13)}@example.com`;

/** Somebody whom staff have put on the list. */
function enter(fields: Record<string, unknown> = {}): Promise<Subscriber> {
  return call("OWNER", "POST", "/subscribers", { email: freshAddress(), name: "Rita", ...fields });
}

function read(id: string): Promise<Subscriber> {
  return call("OWNER", "GET", `/subscribers/${id}`);
}

/** Fills in and sends the form that the desk's own page gives out, as a visitor of some website. */
async function signUp(email: string): Promise<void> {
  const { page: owner, context: desk } = await clerk(browser, system, "olivia");
  await owner.goto(`${system.url}/forms`);
  const html = await owner.getByRole("region", { name: "Newsletter sign-up: HTML" }).textContent();
  await desk.close();
  const context = await browser.newContext({
    extraHTTPHeaders: { "cf-connecting-ip": `203.0.113.${Math.floor(Math.random() * 250)}` },
  });
  const page = await context.newPage();
  await page.setContent(html ?? "");
  await page.getByLabel("Your e-mail address").fill(email);
  await page.getByRole("checkbox").check();
  await page.getByRole("button", { name: "Subscribe" }).click();
  await page.getByRole("heading", { level: 1 }).waitFor();
  await context.close();
}

async function openSubscribers(page: Page, path = ""): Promise<void> {
  await page.goto(`${system.url}/subscribers${path}`);
  await untilLive(page);
}

describe("a subscriber", () => {
  it("who signs up by the form of a website appears at the desk, with what they agreed to", async () => {
    const email = freshAddress();
    const { page, context, strangers, complaints } = await clerk(browser, system, "emil");
    await openSubscribers(page);
    await page.mouse.move(1200, 400);
    const row = page.getByRole("link", { name: email });
    await signUp(email);
    await row.waitFor();
    await row.click();
    const card = page.getByRole("article");
    await card.getByText("Send me the newsletter. I can leave at any time.").waitFor();
    await page.getByText("Signed up, from contact-page").waitFor();
    expect({ strangers, complaints }).toEqual({ strangers: [], complaints: [] });
    await context.close();
  });

  it("who comes while somebody reads waits in a bar", async () => {
    const first = await enter();
    const { page, context } = await clerk(browser, system, "emil");
    await openSubscribers(page);
    await rowOf(page, first).click();
    const second = await enter();
    const bar = page.getByRole("button", { name: "1 new" });
    await bar.waitFor();
    expect(await rowOf(page, second).count()).toBe(0);
    await bar.click();
    await rowOf(page, second).waitFor();
    await context.close();
  });

  it("is entered by hand, and nobody who left comes back by that", async () => {
    const gone = await enter();
    await call("OWNER", "PATCH", `/subscribers/${gone.id}`, { status: "UNSUBSCRIBED" });
    const { page, context } = await clerk(browser, system, "emil");
    await openSubscribers(page);
    await page.keyboard.press("c");
    const dialog = page.getByRole("dialog", { name: "Add a subscriber" });
    const email = dialog.getByLabel("E-mail");
    await email.fill("nobody");
    await dialog.getByRole("button", { name: "Add" }).click();
    await expect.poll(() => email.getAttribute("aria-invalid")).toBe("true");
    await email.fill(gone.email);
    await dialog.getByRole("button", { name: "Add" }).click();
    await dialog.getByRole("alert").getByText("This address has left the list").waitFor();
    await dialog.getByRole("button", { name: "Show them" }).click();
    await page.waitForURL(`**/subscribers/${gone.id}`);
    expect((await read(gone.id)).status).toBe("UNSUBSCRIBED");

    const fresh = freshAddress();
    await page.keyboard.press("c");
    await dialog.getByLabel("E-mail").fill(fresh);
    await dialog.getByLabel("What they agreed to").fill("Yes, please.");
    await dialog.getByRole("button", { name: "Add" }).click();
    await page.getByRole("article").getByText("Yes, please.").waitFor();
    await page.getByRole("link", { name: fresh }).first().waitFor();
    await context.close();
  });

  it("is taken off the list, and put back with what they agree to this time", async () => {
    const subscriber = await enter({ consent: { wording: "The first time." } });
    const { page, context, complaints } = await clerk(browser, system, "emil");
    await openSubscribers(page, `?view=all&q=${subscriber.email}`);
    await rowOf(page, subscriber).click();
    await page.getByRole("button", { name: "Unsubscribe" }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Unsubscribe" }).click();
    await page.getByRole("article").getByText("Has left").waitFor();
    expect(await read(subscriber.id)).toMatchObject({ status: "UNSUBSCRIBED" });
    await page.getByRole("button", { name: "Put back on the list" }).click();
    await page.getByLabel("What they agreed to this time").fill("The second time.");
    await page.getByRole("button", { name: "Put back", exact: true }).click();
    await page.getByRole("article").getByText("The second time.").waitFor();
    expect((await read(subscriber.id)).status).toBe("ACTIVE");
    expect(complaints).toEqual([]);
    await context.close();
  });

  it("who was changed by somebody else meanwhile is shown in both versions", async () => {
    const subscriber = await enter({ name: "Before" });
    const { page, context } = await clerk(browser, system, "emil");
    await openSubscribers(page);
    await rowOf(page, subscriber).click();
    await page.getByRole("button", { name: "Edit details" }).click();
    const dialog = page.getByRole("dialog", { name: "Edit details" });
    await dialog.getByLabel("Name").fill("Mine");
    await call("OWNER", "PATCH", `/subscribers/${subscriber.id}`, { name: "Theirs" });
    await dialog.getByRole("button", { name: "Save" }).click();
    const conflict = page.getByRole("alertdialog", { name: "Somebody else changed this" });
    expect(await conflict.getByRole("row", { name: /Name/ }).textContent()).toBe(
      "NameBeforeTheirsMine",
    );
    await conflict.getByRole("button", { name: "Apply mine on top" }).click();
    await page.getByRole("heading", { name: "Mine" }).waitFor();
    await context.close();
  });

  it("who is deleted waits in the bin", async () => {
    const subscriber = await enter();
    const { page, context } = await clerk(browser, system, "olivia");
    await openSubscribers(page);
    await rowOf(page, subscriber).click();
    await page.getByRole("button", { name: "Delete" }).click();
    await rowOf(page, subscriber).waitFor({ state: "detached" });
    await openSubscribers(page, "?view=bin");
    await rowOf(page, subscriber).click();
    await page.getByRole("button", { name: "Restore" }).click();
    await expect.poll(() => read(subscriber.id).then(({ status }) => status)).toBe("ACTIVE");
    await context.close();
  });

  it("is offered to those who may see one", async () => {
    const { page, context } = await clerk(browser, system, "clara");
    await page.getByRole("link", { name: "Inquiries" }).waitFor();
    expect(await page.getByRole("link", { name: "Subscribers" }).count()).toBe(0);
    await context.close();
    const employee = await clerk(browser, system, "emil");
    await openSubscribers(employee.page);
    for (const name of ["Import", "Export"]) {
      expect(await employee.page.getByRole("button", { name }).count(), name).toBe(0);
    }
    expect(await employee.page.getByRole("link", { name: "Bin" }).count()).toBe(0);
    await employee.context.close();
  });

  it("is in the export of the list as it is filtered", async () => {
    const subscriber = await enter();
    await enter();
    const { page, context } = await clerk(browser, system, "olivia");
    await openSubscribers(page, `?q=${subscriber.email}`);
    await page.evaluate("window.showSaveFilePicker = undefined");
    await page.getByRole("button", { name: "Export" }).click();
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Save file" }).click();
    await page.getByText("Saved 1 row,").waitFor();
    expect(readFileSync(await (await download).path(), "utf8")).toContain(subscriber.email);
    await context.close();
  });
});

describe("an import", () => {
  const upload = (page: Page, name: string, text: string) =>
    page
      .locator("input[type=file]")
      .setInputFiles({ name, mimeType: "text/csv", buffer: Buffer.from(text) });

  it("says what would become of each line before it stores any, and brings nobody back", async () => {
    const gone = await enter();
    await call("OWNER", "PATCH", `/subscribers/${gone.id}`, { status: "UNSUBSCRIBED" });
    const [one, other] = [freshAddress(), freshAddress()];
    const { page, context, complaints } = await clerk(browser, system, "olivia");
    await openSubscribers(page);
    await page.getByRole("button", { name: "Import" }).click();
    await upload(
      page,
      "fair.csv",
      `email,name\n${one},"One, with a comma"\nnot an address,Nobody\n${gone.email},Gone\n${other},Other\n`,
    );
    await page.getByText("Of 4 lines, 2 would be added and 2 skipped.").waitFor();
    const rows = page.getByRole("region", { name: "Skipped lines" }).getByRole("row");
    expect((await rows.allTextContents()).slice(1)).toEqual([
      "3email must be an e-mail address",
      "4Has left",
    ]);
    expect((await call<{ data: unknown[] }>("OWNER", "GET", `/subscribers?q=${one}`)).data).toEqual(
      [],
    );
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Save as CSV" }).click();
    const file = await download;
    expect(file.suggestedFilename()).toBe("fair-skipped.csv");
    expect(readFileSync(await file.path(), "utf8")).toContain('"3","invalid_value","email",');

    await page.getByRole("button", { name: "Import 2" }).click();
    await page.getByText("Added 2, skipped 2 of 4 lines.").waitFor();
    await page.getByRole("button", { name: "Close" }).click();
    await page.getByRole("link", { name: one }).waitFor();
    await page.getByRole("link", { name: other }).waitFor();
    expect((await read(gone.id)).status).toBe("UNSUBSCRIBED");
    expect(complaints).toEqual([]);
    await context.close();
  });

  it("is announced to the others at the desk by their number", async () => {
    const { page, context } = await clerk(browser, system, "emil");
    await openSubscribers(page);
    const [one, other] = [freshAddress(), freshAddress()];
    const owner = await clerk(browser, system, "olivia");
    await openSubscribers(owner.page);
    await owner.page.getByRole("button", { name: "Import" }).click();
    await upload(
      owner.page,
      "list.ndjson",
      `${JSON.stringify({ email: one })}\n${JSON.stringify({ email: other })}`,
    );
    await owner.page.getByRole("button", { name: "Import 2" }).click();
    await page.getByRole("button", { name: "2 new" }).click();
    await page.getByRole("link", { name: one }).waitFor();
    await Promise.all([context.close(), owner.context.close()]);
  });

  it("of what cannot be read says why", async () => {
    const { page, context } = await clerk(browser, system, "olivia");
    await openSubscribers(page);
    await page.getByRole("button", { name: "Import" }).click();
    await upload(page, "wrong.csv", "first,second\n1,2\n");
    await page.getByRole("alert").getByText("names no column").waitFor();
    await page.getByRole("button", { name: "Another file" }).click();
    await page.getByText("Choose a file").waitFor();
    await context.close();
  });
});

describe("the statistics of the list", () => {
  it("are charts with a table behind each", async () => {
    await enter();
    const { page, context, complaints } = await clerk(browser, system, "emil");
    await page.goto(`${system.url}/statistics`);
    const movements = page.getByRole("region", { name: "Who joined and who left" });
    await movements.getByRole("button", { name: "Table" }).click();
    expect(await movements.getByRole("columnheader").allTextContents()).toEqual([
      "From",
      "Joined",
      "Left",
      "Removed",
      "Net",
    ]);
    const active = page.getByRole("region", { name: "How many there were" });
    await active.getByRole("img", { name: /On the list at the end \d+/ }).waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });
});
