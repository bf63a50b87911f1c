import { randomBytes, randomUUID } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import { migrate } from "../dev/migrate.ts";
import { postgresEngine, servePostgresHttp } from "../dev/postgres-http.ts";
import { startPostgres } from "../test/support/servers.ts";
import { bundleWorker, type RunningWorker, startWorker } from "../test/support/workerd.ts";
import { type Figure, median } from "./measurement.ts";

const RUNS = 5;
const SUBMISSIONS = 1_000;
const AT_ONCE = 4;
const DATABASE_URL = "postgres://outreach:outreach@localhost/outreach";
/** Linux counts CPU time in these (`getconf CLK_TCK`). */
const TICKS_A_SECOND = 100;

/** CPU of the server process for each accepted submission: ours, and a Worker that only inserts. */
export async function submitCpu(): Promise<Figure> {
  const postgres = await startPostgres();
  const engine = postgresEngine({ connectionString: postgres.connectionString });
  const database = await servePostgresHttp({ engine });
  await migrate({ databaseUrl: DATABASE_URL, httpEndpoint: database.url });
  const variables = {
    DATABASE_URL,
    DATABASE_HTTP_ENDPOINT: database.url,
    SIGNING_KEY: randomBytes(32).toString("base64"),
    // On a busy machine the usual 800 ms would turn some of them into something else.
    INSERT_BUDGET_MS: "10000",
    // All of them come within a minute.
    FLOOD_CEILING: "1000000",
    LOG_LEVEL: "error",
  };
  const bundles = [
    bundleWorker(),
    bundleWorker({ config: "bench/peers/bare-worker/wrangler.toml" }),
  ] as const;
  const ours = await startWorker({ bundle: bundles[0], variables });
  const bare = await startWorker({ bundle: bundles[1], variables, objects: [] });
  try {
    const micros: { ours: number[]; bare: number[] } = { ours: [], bare: [] };
    await submitAll(ours, 500);
    await submitAll(bare, 500);
    for (let run = 0; run < RUNS; run += 1) {
      micros.ours.push(await submitAll(ours, SUBMISSIONS));
      micros.bare.push(await submitAll(bare, SUBMISSIONS));
    }
    const spread = (values: number[]) =>
      `${Math.round(median(values))} µs (${values.map(Math.round).join(", ")})`;
    return {
      name: "server CPU per accepted submit, ours : a bare Worker that only inserts",
      target: "≤ 1.3",
      value: median(micros.ours) / median(micros.bare),
      unit: "",
      detail: `ours ${spread(micros.ours)}, bare ${spread(micros.bare)}`,
    };
  } finally {
    await ours.stop();
    await bare.stop();
    await database.close();
    await engine.close();
    await postgres.stop();
    for (const bundle of bundles) rmSync(bundle, { recursive: true, force: true });
  }
}

/** @returns microseconds of CPU for each submission */
async function submitAll(worker: RunningWorker, count: number): Promise<number> {
  const before = cpuSeconds(worker.pid);
  let next = 0;
  let accepted = 0;
  const visitor = async () => {
    while (next < count) {
      next += 1;
      if (await submit(worker.url)) accepted += 1;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, visitor));
  if (accepted < count) throw new Error(`only ${accepted} of ${count} were stored`);
  return ((cpuSeconds(worker.pid) - before) * 1e6) / accepted;
}

/** @returns whether it was stored at once */
async function submit(url: string): Promise<boolean> {
  const unique = randomUUID();
  const answer = await fetch(`${url}/v1/api/outreach/inquiries/submit`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "cf-connecting-ip": `2001:db8:${unique.slice(0, 4)}:${unique.slice(4, 8)}::1`,
    },
    body: JSON.stringify({ name: "Ada Byron", email: `${unique}@example.com`, message: unique }),
  });
  await answer.arrayBuffer();
  return answer.status === 201;
}

function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // After the name in parentheses: fields 14 and 15 of proc(5), user and system time.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
}

if (import.meta.main) console.log(await submitCpu());
