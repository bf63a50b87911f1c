import { appWith } from "./own-app.ts";

export const METRICS_TOKEN = "a-token-of-the-scraper";

/** The app with metrics on. */
export function appWithMetrics(changes: Readonly<Record<string, unknown>> = {}) {
  return appWith({ METRICS_TOKEN, ...changes });
}

/** Scrapes it. @returns series → value, and the text */
export async function scrapeFrom(app: ReturnType<typeof appWith>) {
  const answer = await app.call("//metrics", {
    headers: { authorization: `Bearer ${METRICS_TOKEN}` },
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${answer.status} ${text}`);
  return { answer, text, series: parseExposition(text) };
}

/** `name{labels}` → value. */
export function parseExposition(text: string): ReadonlyMap<string, number> {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    lines.map((line) => {
      const space = line.lastIndexOf(" ");
      return [line.slice(0, space), Number(line.slice(space + 1))] as const;
    }),
  );
}
