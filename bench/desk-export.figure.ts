import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { startIdentity } from "../dev/identity.ts";
import { startPostgres } from "../test/support/servers.ts";
import { bundleWorker, startWorker } from "../test/support/workerd.ts";
import { FIRST, fillDatabase } from "./desk-rows.ts";
import type { Figure, Row } from "./figure.ts";
import { residentMiB } from "./usage.ts";

const ROWS = Number(process.env["BENCH_ROWS"] ?? 1_000_000);

export const figure: Figure = {
  title: "An export of a million inquiries",
  how: "From `workerd serve` over PostgreSQL. Memory is that of the workerd process, looked at after every tenth of the rows; `BENCH_ROWS` sets their number. One run.",
  async measure() {
    const postgres = await startPostgres();
    const identity = await startIdentity();
    const bundle = bundleWorker();
    try {
      const filled = await fillDatabase(postgres, { rows: ROWS, first: FIRST, searchIndex: false });
      const worker = await startWorker({
        bundle,
        variables: {
          DATABASE_URL: "postgres://outreach:outreach@localhost/outreach",
          DATABASE_HTTP_ENDPOINT: filled.endpoint,
          IDENTITY_ISSUER: identity.issuer,
          IDENTITY_AUDIENCE: identity.audience,
          IDENTITY_JWKS_URL: identity.jwksUrl,
          SIGNING_KEY: randomBytes(32).toString("base64"),
          LOG_LEVEL: "error",
        },
      });
      try {
        const token = await identity.token("OWNER", { expiresInSeconds: 3600 });
        const headers = { authorization: `Bearer ${token}` };
        const address = `${worker.url}/v1/api/outreach/inquiries/export`;
        const rows: Row[] = [];
        for (const format of ["ndjson", "csv"]) {
          rows.push(...(await readWhole(`${address}?format=${format}`, headers, worker.pid)));
        }
        const calls = async () => {
          const { rows } = await filled.client.query(
            "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()",
          );
          return Number(rows[0]?.xact_commit);
        };
        rows.push(await leaveEarly(address, headers, calls));
        return rows;
      } finally {
        await worker.stop();
        await filled.close();
      }
    } finally {
      rmSync(bundle, { recursive: true, force: true });
      await identity.close();
      await postgres.stop();
    }
  },
};

async function readWhole(
  address: string,
  headers: Record<string, string>,
  pid: number,
): Promise<Row[]> {
  const format = new URL(address).searchParams.get("format");
  const start = performance.now();
  const answer = await fetch(address, { headers });
  if (!answer.ok || answer.body === null) throw new Error(`the export answers ${answer.status}`);
  let first: number | undefined;
  let lines = 0;
  let next = ROWS / 10;
  const memory: number[] = [];
  for await (const chunk of answer.body) {
    first ??= performance.now() - start;
    for (const byte of chunk) if (byte === 10) lines += 1;
    if (lines >= next) {
      memory.push(residentMiB(pid));
      next += ROWS / 10;
    }
  }
  const seconds = (performance.now() - start) / 1000;
  return [
    { what: `${format}: first byte`, unit: "ms", runs: [first ?? Number.NaN] },
    { what: `${format}: rows a second`, unit: "", runs: [Math.round(lines / seconds)] },
    {
      what: `${format}: resident memory`,
      unit: "MiB",
      runs: memory,
      note: memory.map(Math.round).join(", "),
    },
  ];
}

/** What the database still does for a client that has gone. */
async function leaveEarly(
  address: string,
  headers: Record<string, string>,
  transactions: () => Promise<number>,
): Promise<Row> {
  const controller = new AbortController();
  const answer = await fetch(address, { headers, signal: controller.signal });
  await answer.body?.getReader().read();
  controller.abort();
  await delay(1_500);
  const before = await transactions();
  await delay(3_000);
  return {
    what: "transactions in 3 s after the client left, beside the one that asks",
    unit: "",
    runs: [(await transactions()) - before - 1],
    target: { atMost: 0 },
  };
}
