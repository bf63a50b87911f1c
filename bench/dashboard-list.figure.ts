import { neon, neonConfig } from "@neondatabase/serverless";
import type { CDPSession, Page } from "playwright-core";
import { readRunning, resolveDataDir } from "../dev/running.ts";
import { launchChromium, signInAt } from "../test/support/browser.ts";
import type { Figure } from "./figure.ts";

const ROWS = 100_000;
const STOPS = 10;

export const figure: Figure = {
  title: "Scrolling through 100,000 inquiries",
  how: "Chromium, 1360 × 860, against a system that `npm start` has brought up; the rows are put straight into its database, so its DATA_DIR should be one that may be thrown away. Two seconds of steady scrolling at each tenth of the list.",
  async measure() {
    const running = readRunning(resolveDataDir());
    if (!running) throw new Error("Nothing is running here. Start it with npm start.");
    await fill(running.databaseHttpEndpoint);
    const browser = await launchChromium();
    try {
      const page = await browser.newPage({ viewport: { width: 1360, height: 860 } });
      const debug = await page.context().newCDPSession(page);
      await debug.send("Performance.enable");
      await signInAt(page, running.url, "olivia");
      await page.goto(`${running.url}/inquiries?view=all`);
      await page.locator("[data-row]").first().waitFor();
      const frames: number[] = [];
      const memory: number[] = [];
      let busy = 0;
      for (let stop = 1; stop <= STOPS; stop += 1) {
        await loadUpTo(page, (ROWS / STOPS) * stop);
        const before = await metric(debug, "TaskDuration");
        frames.push(...(await scrollHere(page)));
        busy += (await metric(debug, "TaskDuration")) - before;
        memory.push(await heap(debug));
      }
      const elements = await page.evaluate(() => document.querySelectorAll("*").length);
      frames.sort((a, b) => a - b);
      const at = (share: number) => frames[Math.floor((frames.length - 1) * share)] ?? Number.NaN;
      return [
        { what: "between frames, median", unit: "ms", runs: [at(0.5)], target: { atMost: 17 } },
        { what: "between frames, p95", unit: "ms", runs: [at(0.95)] },
        { what: "between frames, p99", unit: "ms", runs: [at(0.99)] },
        {
          what: "main thread's work a frame",
          unit: "ms",
          // The time between frames is the machine's as well as ours; this is ours.
          runs: [(busy / frames.length) * 1000],
        },
        {
          what: "heap of the page after each tenth",
          unit: "MiB",
          runs: memory,
          note: `${memory.map((size) => size.toFixed(1)).join(", ")}; ${elements} elements at the end`,
        },
      ];
    } finally {
      await browser.close();
    }
  },
};

/** To the end of what is loaded, again and again, as an impatient reader would. */
async function loadUpTo(page: Page, row: number): Promise<void> {
  await page.evaluate(async (row) => {
    const scroller = document.querySelector(".scroller") as HTMLElement;
    const end = Math.min(row, 100_000) * 76;
    while (scroller.scrollTop + scroller.clientHeight < end - 200) {
      const before = scroller.scrollTop;
      scroller.scrollTop = end;
      await new Promise((resolve) => setTimeout(resolve, 15));
      if (scroller.scrollTop === before && scroller.scrollHeight >= end) break;
    }
  }, row);
}

/** Time between frames over two seconds of steady scrolling, in milliseconds. */
function scrollHere(page: Page): Promise<number[]> {
  return page.evaluate(
    () =>
      new Promise<number[]>((resolve) => {
        const scroller = document.querySelector(".scroller") as HTMLElement;
        const times: number[] = [];
        let last = performance.now();
        const end = last + 2_000;
        const step = (now: number) => {
          times.push(now - last);
          last = now;
          scroller.scrollTop -= 60;
          if (now < end) requestAnimationFrame(step);
          else resolve(times.slice(1));
        };
        requestAnimationFrame(step);
      }),
  );
}

async function heap(debug: CDPSession): Promise<number> {
  await debug.send("HeapProfiler.collectGarbage");
  return (await metric(debug, "JSHeapUsedSize")) / 2 ** 20;
}

async function metric(debug: CDPSession, wanted: string): Promise<number> {
  const { metrics } = await debug.send("Performance.getMetrics");
  return metrics.find(({ name }) => name === wanted)?.value ?? 0;
}

async function fill(endpoint: string): Promise<void> {
  neonConfig.fetchEndpoint = endpoint;
  const sql = neon("postgres://outreach:outreach@localhost/outreach");
  const [{ count } = { count: 0 }] = await sql.query(
    "SELECT count(*)::int AS count FROM inquiries",
  );
  const missing = ROWS - Number(count);
  for (let made = 0; made < missing; made += 5_000) {
    await sql.query(
      `INSERT INTO inquiries (id, status, name, email, subject, message, source, submission_key, content_hash, submitted_at)
       SELECT snowflake(10), 'NEW', 'Visitor ' || n, 'v' || n || '@example.com', 'Question ' || n,
         repeat('A message of ordinary length about a table, a chair or a book. ', 4), 'bench',
         gen_random_uuid()::text, 'bench', now()
       FROM generate_series(1, $1::int) AS n`,
      [Math.min(5_000, missing - made)],
    );
  }
}
