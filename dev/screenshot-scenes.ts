import type { Page } from "playwright-core";
import type { desk } from "../test/support/desk.ts";

/** What is shown: its name, its address, and what to do there first. */
export interface Scene {
  readonly name: string;
  readonly path: string;
  readonly prepare?: (page: Page, api: ReturnType<typeof desk>) => Promise<void>;
}

/** Those that leave the page as it was come first. */
export const SCENES: readonly Scene[] = [
  { name: "list", path: "/inquiries" },
  { name: "inbox", path: "/inquiries?view=progress", prepare: openOne },
  { name: "bulk", path: "/inquiries?view=new", prepare: selectSome },
  { name: "keys", path: "/inquiries", prepare: openKeys },
  { name: "entry", path: "/inquiries", prepare: enter },
  { name: "edit", path: "/inquiries?view=progress", prepare: edit },
  { name: "export", path: "/inquiries?view=all", prepare: openExport },
  { name: "conflict", path: "/inquiries?view=resolved", prepare: meetAnother },
  { name: "spam", path: "/inquiries?view=cancelled", prepare: openOne },
  { name: "bin", path: "/inquiries?view=bin" },
  { name: "nothing", path: "/inquiries?q=nobodywritesthis" },
  { name: "subscribers", path: "/subscribers", prepare: openSubscriber },
  { name: "subscriber-list", path: "/subscribers" },
  { name: "subscriber-left", path: "/subscribers?view=left", prepare: openSubscriber },
  { name: "subscriber-add", path: "/subscribers", prepare: addOneWhoLeft },
  { name: "import", path: "/subscribers", prepare: openImport },
  { name: "import-checked", path: "/subscribers", prepare: checkImport },
  { name: "statistics", path: "/statistics" },
  { name: "subscriber-statistics", path: "/statistics", prepare: showSubscriberCharts },
  { name: "operations", path: "/operations" },
  { name: "privacy", path: "/privacy", prepare: lookUp },
  { name: "erase", path: "/privacy", prepare: openErase },
  { name: "forms", path: "/forms" },
  { name: "nowhere", path: "/nowhere" },
];

async function openOne(page: Page): Promise<void> {
  const row = page.locator("[data-row]").nth(1);
  if ((await row.count()) === 0) return;
  await row.click();
  await page.getByRole("article").waitFor();
  await page.locator(".entry").first().waitFor();
  await page.mouse.move(900, 700);
}

async function selectSome(page: Page): Promise<void> {
  for (const at of [0, 1, 3]) await page.locator(".row .check").nth(at).click();
}

async function openKeys(page: Page): Promise<void> {
  await page.keyboard.press("?");
  await page.getByRole("dialog").waitFor();
}

async function enter(page: Page): Promise<void> {
  await page.getByRole("button", { name: "New", exact: true }).click();
  await page.getByLabel("Name").fill("Agnes Whitlock");
  await page.getByLabel("Phone").fill("+44 1983 555 014");
  await page.getByLabel("E-mail").fill("agnes at example.com");
  await page
    .getByLabel("Message")
    .fill("Would like the small desk delivered to Ryde on a Saturday.");
  await page.getByRole("button", { name: "Save" }).click();
  await page.locator(".field-error").waitFor();
}

async function edit(page: Page): Promise<void> {
  await openOne(page);
  await page.getByRole("button", { name: "Edit details" }).click();
  await page.getByRole("dialog").waitFor();
}

async function openExport(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Export" }).click();
  await page.getByRole("dialog").waitFor();
}

/** Two people correct one subject; afterwards it is what it was. */
async function meetAnother(page: Page, { call }: ReturnType<typeof desk>): Promise<void> {
  await edit(page);
  const path = `/inquiries/${new URL(page.url()).pathname.split("/").at(-1)}`;
  const field = page.getByRole("dialog").getByLabel("Subject");
  const subject = await field.inputValue();
  await field.fill(`${subject}, once more`);
  await call("EMPLOYEE", "PATCH", path, { subject: `${subject} (answered)`, assignee: "clara" });
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByRole("alertdialog").waitFor();
  await call("EMPLOYEE", "PATCH", path, { subject, assignee: "emil" });
}

async function lookUp(page: Page): Promise<void> {
  await page.getByLabel("E-mail address").fill("yuki.tanabe@example.com");
  await page.getByRole("button", { name: "Look up" }).click();
  await page.locator("#report-title").waitFor();
}

async function openErase(page: Page): Promise<void> {
  await lookUp(page);
  await page.getByRole("button", { name: /^Erase/ }).click();
  await page.getByLabel("Type the address").fill("yuki.tanabe@exam");
}

async function openSubscriber(page: Page): Promise<void> {
  await page.locator("[data-row]").nth(2).click();
  await page.locator(".entry").first().waitFor();
  await page.mouse.move(900, 700);
}

async function addOneWhoLeft(page: Page, { call }: ReturnType<typeof desk>): Promise<void> {
  const path = "/subscribers?status=UNSUBSCRIBED&limit=1";
  const { data } = await call<{ data: { email: string }[] }>("OWNER", "GET", path);
  await page.getByRole("button", { name: "Add", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("E-mail").fill(data[0]?.email ?? "");
  await dialog.getByRole("button", { name: "Add" }).click();
  await dialog.getByRole("alert").waitFor();
}

async function openImport(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Import" }).click();
  await page.getByRole("dialog").waitFor();
}

/** Checked only: nothing of it is stored. */
async function checkImport(page: Page, { call }: ReturnType<typeof desk>): Promise<void> {
  const path = "/subscribers?limit=3&status=";
  const emails = async (status: string) =>
    (await call<{ data: { email: string }[] }>("OWNER", "GET", path + status)).data.map(
      ({ email }) => email,
    );
  const fresh = Array.from({ length: 212 }, (_, n) => `guest.${n + 1}@fair.example`);
  const lines = [
    ...fresh.slice(0, 60),
    "j.hartwell(at)fair.example",
    ...(await emails("ACTIVE")),
    ...fresh.slice(60),
    ...(await emails("UNSUBSCRIBED")),
    "guest.12@fair.example",
  ];
  await openImport(page);
  await page.locator("input[type=file]").setInputFiles({
    name: "fair-guests.csv",
    mimeType: "text/csv",
    buffer: Buffer.from(`email\n${lines.join("\n")}\n`),
  });
  await page.getByText("would be added").waitFor();
}

async function showSubscriberCharts(page: Page): Promise<void> {
  const loaded = page.waitForResponse(/\/subscribers\/statistics\?.*bucket=month/);
  await page.getByLabel("Period").selectOption("year");
  await loaded;
  const title = page.locator("#subscribers-title");
  await title.waitFor();
  await page.getByRole("img", { name: /How many there were/ }).waitFor();
  await title.evaluate((element) => element.scrollIntoView());
}
