import { randomBytes, randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { migrate } from "../dev/migrate.ts";
import { postgresEngine, servePostgresHttp } from "../dev/postgres-http.ts";
import { startPostgres } from "../test/support/servers.ts";
import { bundleWorker, type RunningWorker, startWorker } from "../test/support/workerd.ts";
import { type Figure, inTurn, type Row, RUNS, ratios } from "./figure.ts";
import { cpuSeconds, pin } from "./usage.ts";

const WARM_UP = 500;
const SUBMISSIONS = 1_000;
const AT_ONCE = 4;
const DATABASE_URL = "postgres://outreach:outreach@localhost/outreach";

export const figure: Figure = {
  title: "Server CPU per accepted submit, ours : a bare Worker that only inserts",
  how: `User and kernel time of the \`workerd\` process. Both insert into the same PostgreSQL over the driver's HTTP protocol; ${SUBMISSIONS} submissions a run, ${AT_ONCE} at once, in turn, each from a client of its own.`,
  measure: submitCpu,
};

async function submitCpu(): Promise<Row[]> {
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
    for (const worker of [ours, bare]) {
      pin(worker.pid, "server");
      await submitAll(worker, WARM_UP);
    }
    const micros = await inTurn(
      RUNS,
      () => submitAll(ours, SUBMISSIONS),
      () => submitAll(bare, SUBMISSIONS),
    );
    return [
      {
        what: "ours : bare",
        unit: "",
        runs: ratios(micros.ours, micros.theirs),
        target: { atMost: 1.3 },
      },
      { what: "ours", unit: "µs", runs: micros.ours },
      { what: "bare", unit: "µs", runs: micros.theirs },
    ];
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
