/**
 * `node bench/dashboard-list.ts`: scrolls the inbox of a running system (`npm start`) through 100,000
 * inquiries, and prints how long frames took and how much memory the page held on the way. The rows
 * are put straight into its database: use a DATA_DIR that may be thrown away.
 */
import { neon, neonConfig } from "@neondatabase/serverless";
import { readRunning, resolveDataDir } from "../dev/running.ts";
import { launchChromium, signInAt } from "../test/support/browser.ts";

const ROWS = 100_000;
const STOPS = 10;

const running = readRunning(resolveDataDir());
if (!running) throw new Error("Nothing is running here. Start it with npm start.");
await fill(running.databaseHttpEndpoint);

const browser = await launchChromium();
const page = await browser.newPage({ viewport: { width: 1360, height: 860 } });
const debug = await page.context().newCDPSession(page);
await debug.send("Performance.enable");
await signInAt(page, running.url, "olivia");
await page.goto(`${running.url}/inquiries?view=all`);
await page.locator("[data-row]").first().waitFor();

const frames: number[] = [];
const work = { frames: 0, seconds: 0 };
for (let stop = 1; stop <= STOPS; stop++) {
  const upTo = (ROWS / STOPS) * stop;
  await loadUpTo(upTo);
  const before = await metric("TaskDuration");
  const times = await scrollHere();
  work.seconds += (await metric("TaskDuration")) - before;
  work.frames += times.length;
  frames.push(...times);
  console.log(`at row ${upTo}: heap ${(await heap()).toFixed(1)} MiB, ${await nodes()} elements`);
}
await page.evaluate(() => document.querySelector(".scroller")?.scrollTo({ top: 0 }));
await page.locator("[data-row]").first().waitFor();
console.log(`back at the top: heap ${(await heap()).toFixed(1)} MiB`);
frames.sort((a, b) => a - b);
const at = (share: number) => frames[Math.floor((frames.length - 1) * share)]?.toFixed(1);
console.log(
  `${frames.length} frames while scrolling: median ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms`,
);
// The time between frames is the machine's as well as ours; this is ours.
console.log(
  `main thread: ${((work.seconds / work.frames) * 1000).toFixed(1)} ms of work a frame, on average`,
);
await browser.close();

/** To the end of what is loaded, again and again, as an impatient reader would. */
async function loadUpTo(row: number): Promise<void> {
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
function scrollHere(): Promise<number[]> {
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

async function heap(): Promise<number> {
  await debug.send("HeapProfiler.collectGarbage");
  return (await metric("JSHeapUsedSize")) / 2 ** 20;
}

async function metric(wanted: string): Promise<number> {
  const { metrics } = await debug.send("Performance.getMetrics");
  return metrics.find(({ name }) => name === wanted)?.value ?? 0;
}

function nodes(): Promise<number> {
  return page.evaluate(() => document.querySelectorAll("*").length);
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
