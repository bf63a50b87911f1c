import { type DeskWorker, withDeskWorker } from "./desk-worker.ts";
import type { Figure, Row } from "./figure.ts";

const LINES = 100_000;

export const figure: Figure = {
  title: "An import of 100,000 lines",
  how: "Into `workerd serve`, with half the heap of an isolate on the platform, over PostgreSQL: a tenth of the lines first, so that it is warm, then all of them, then all again when they are known. Memory is that of the workerd process, looked at after every tenth. One run.",
  measure: () =>
    withDeskWorker(1, async (desk) => {
      await importLines(desk, "warm-up", { from: 0, count: LINES / 10 });
      const all = { from: LINES, count: LINES };
      return [...(await importLines(desk, "new", all)), ...(await importLines(desk, "known", all))];
    }),
};

async function importLines(
  { headers, api, memory }: DeskWorker,
  what: string,
  { from, count }: { from: number; count: number },
): Promise<Row[]> {
  const before = memory();
  const start = performance.now();
  const answer = await fetch(`${api}/subscribers/import`, {
    method: "POST",
    headers: { ...headers, "content-type": "text/csv" },
    body: ReadableStream.from(csv(from, count)),
    duplex: "half",
  });
  if (!answer.ok || answer.body === null) throw new Error(`the import answers ${answer.status}`);
  const resident = [before];
  let last = "";
  let next = 0;
  for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {
    last = chunk.trimEnd().split("\n").at(-1) ?? "";
    const { read } = JSON.parse(last.startsWith("{") && last.endsWith("}") ? last : "{}");
    if (typeof read !== "number" || read < next) continue;
    resident.push(memory());
    next = read + count / 10;
  }
  const seconds = (performance.now() - start) / 1000;
  return [
    { what: `${what}: lines a second`, unit: "", runs: [Math.round(count / seconds)], note: last },
    {
      what: `${what}: resident memory`,
      unit: "MiB",
      runs: resident,
      note: resident.map(Math.round).join(", "),
    },
  ];
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
