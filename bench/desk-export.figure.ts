import { setTimeout as delay } from "node:timers/promises";
import { type DeskWorker, withDeskWorker } from "./desk-worker.ts";
import type { Figure, Row } from "./figure.ts";

const ROWS = Number(process.env["BENCH_ROWS"] ?? 1_000_000);

export const figure: Figure = {
  title: "An export of a million inquiries",
  how: "From `workerd serve`, with half the heap of an isolate on the platform, over PostgreSQL. Memory is that of the workerd process, looked at after every tenth of the rows; `BENCH_ROWS` sets their number. One run.",
  measure: () =>
    withDeskWorker(ROWS, async (desk) => [
      ...(await readWhole(desk, "ndjson")),
      ...(await readWhole(desk, "csv")),
      await leaveEarly(desk),
    ]),
};

async function readWhole(
  { api, headers, memory }: DeskWorker,
  format: "ndjson" | "csv",
): Promise<Row[]> {
  const start = performance.now();
  const answer = await fetch(`${api}/inquiries/export?format=${format}`, { headers });
  if (!answer.ok || answer.body === null) throw new Error(`the export answers ${answer.status}`);
  let first: number | undefined;
  let lines = 0;
  let next = ROWS / 10;
  const resident: number[] = [];
  for await (const chunk of answer.body) {
    first ??= performance.now() - start;
    for (const byte of chunk) if (byte === 10) lines += 1;
    if (lines >= next) {
      resident.push(memory());
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
      runs: resident,
      note: resident.map(Math.round).join(", "),
    },
  ];
}

/** What the database still does for a client that has gone. */
async function leaveEarly({ api, headers, filled }: DeskWorker): Promise<Row> {
  const transactions = async () => {
    const { rows } = await filled.client.query(
      "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()",
    );
    return Number(rows[0]?.xact_commit);
  };
  const controller = new AbortController();
  const { signal } = controller;
  const answer = await fetch(`${api}/inquiries/export?format=ndjson`, { headers, signal });
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
