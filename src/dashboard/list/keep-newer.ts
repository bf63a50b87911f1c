import { replaceEqualDeep } from "@tanstack/react-query";

/** For a query of one row: an answer that was overtaken by an event does not bring the past back. */
export function keepNewer(known: unknown, answer: unknown): unknown {
  const isOlder = versionOf(answer) < versionOf(known);
  return isOlder ? known : replaceEqualDeep(known, answer);
}

function versionOf(row: unknown): number {
  const { version } = (row ?? {}) as { version?: number };
  return version ?? 0;
}
