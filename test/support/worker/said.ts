import { isSnowflake } from "../../../src/db/snowflake.ts";

/** The export for the program that sends a campaign: the one place where links are made. */
const MAY_TELL = "/subscribers/mailing";

/** Wide enough for any id there will be in the next decades. */
const NUMBERS = /(?<!\d)\d{15,19}(?!\d)/g;
const LONGEST = 19;

const said = new Map<string, string>();

/** Number → where it was said first. */
export function saidByWorker(): ReadonlyMap<string, string> {
  return said;
}

/** Remembers the numbers in a text that could be tokens. */
export function noteLeak(where: string, text: string): void {
  for (const [number] of text.matchAll(NUMBERS)) {
    if (!said.has(number) && isSnowflake(number)) said.set(number, where);
  }
}

/** The same answer, whose headers are noted, and whose body is while it is read. */
export function listenTo(asked: string, answer: Response): Response {
  const [path = ""] = asked.split("?");
  if (path.endsWith(MAY_TELL)) return answer;
  noteLeak(path, [...answer.headers].flat().join(" "));
  if (answer.body === null || answer.webSocket) return answer;
  const decoder = new TextDecoder();
  let rest = "";
  const listening = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      const text = rest + decoder.decode(chunk, { stream: true });
      noteLeak(path, text);
      // A number may go on in the next chunk.
      rest = text.slice(-LONGEST);
      controller.enqueue(chunk);
    },
  });
  return new Response(answer.body.pipeThrough(listening), answer);
}
