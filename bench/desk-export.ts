import { withDeskWorker } from "./desk-worker.ts";

/** `node bench/desk-export.ts [rows]`: the Worker's memory and the first byte of an export. */
const rows = Number(process.argv[2] ?? 1_000_000);
await withDeskWorker(rows, async ({ filled, headers, api, memory }) => {
  for (const format of ["ndjson", "csv"]) {
    const start = performance.now();
    const answer = await fetch(`${api}/inquiries/export?format=${format}`, { headers });
    if (!answer.ok || answer.body === null)
      throw new Error(`${answer.status} ${await answer.text()}`);
    let first: number | undefined;
    let bytes = 0;
    let lines = 0;
    let next = 0;
    const samples: number[] = [];
    for await (const chunk of answer.body) {
      first ??= performance.now() - start;
      bytes += chunk.byteLength;
      for (const byte of chunk) if (byte === 10) lines += 1;
      if (lines >= next) {
        samples.push(Math.round(memory()));
        next += rows / 10;
      }
    }
    const seconds = (performance.now() - start) / 1000;
    console.log(
      `${format}: ${lines} lines, ${(bytes / 1e6).toFixed(0)} MB in ${seconds.toFixed(1)} s; first byte ${first?.toFixed(0)} ms; resident MiB at every tenth: ${samples.join(" ")}`,
    );
  }
  const controller = new AbortController();
  const answer = await fetch(`${api}/inquiries/export?format=ndjson`, {
    headers,
    signal: controller.signal,
  });
  await answer.body?.getReader().read();
  controller.abort();
  await new Promise((resolve) => setTimeout(resolve, 1500));
  const calls = async () =>
    Number(
      (
        await filled.client.query(
          "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()",
        )
      ).rows[0].xact_commit,
    );
  const before = await calls();
  await new Promise((resolve) => setTimeout(resolve, 3000));
  console.log(
    `transactions in 3 s after the client left: ${(await calls()) - before} (one is this question)`,
  );
});
