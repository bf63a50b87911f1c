import { type DeskWorker, withDeskWorker } from "./desk-worker.ts";

/**
 * `node bench/subscriber-import.ts [lines]`: the Worker's memory while a file is imported, first of a
 * tenth of the lines so that it is warm, then of all, then of all again when they are known.
 */
const lines = Number(process.argv[2] ?? 100_000);
await withDeskWorker(1, async (desk) => {
  await importLines(desk, "warm-up", 0, lines / 10);
  await importLines(desk, "new", lines, lines);
  await importLines(desk, "known", lines, lines);
});

async function importLines(
  { headers, api, memory }: DeskWorker,
  what: string,
  from: number,
  count: number,
): Promise<void> {
  const before = memory();
  const start = performance.now();
  const answer = await fetch(`${api}/subscribers/import`, {
    method: "POST",
    headers: { ...headers, "content-type": "text/csv" },
    body: ReadableStream.from(csv(from, count)),
    duplex: "half",
  });
  if (!answer.ok || answer.body === null) throw new Error(`${answer.status}`);
  const samples: number[] = [];
  let last = "";
  let next = 0;
  for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {
    last = chunk.trimEnd().split("\n").at(-1) ?? "";
    const { read } = JSON.parse(last.startsWith("{") && last.endsWith("}") ? last : "{}");
    if (typeof read !== "number" || read < next) continue;
    samples.push(Math.round(memory()));
    next = read + count / 10;
  }
  const seconds = (performance.now() - start) / 1000;
  console.log(
    `${what}: ${count} lines in ${seconds.toFixed(1)} s; resident MiB before ${Math.round(before)}, at every tenth ${samples.join(" ")}, after ${Math.round(memory())}`,
  );
  console.log(`  ${last}`);
}

async function* csv(from: number, count: number): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  yield encoder.encode("email,name,consentPage,consentWording\r\n");
  for (let at = from; at < from + count; at += 500) {
    const chunk = Array.from({ length: Math.min(500, from + count - at) }, (_, n) =>
      [
        `person.${at + n}@example.com`,
        `Person ${at + n}`,
        "https://example.com/news",
        "Write to me.",
      ]
        .map((cell) => `"${cell}"`)
        .join(","),
    );
    yield encoder.encode(`${chunk.join("\r\n")}\r\n`);
  }
}
