/** For what an address says about a list: anyone may have typed it, so only what makes sense is taken. */

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const MAX_TEXT = 200;

/** @returns undefined for what is no text, or an empty one */
export function readText(value: unknown): string | undefined {
  const text = typeof value === "number" ? String(value) : value;
  return typeof text === "string" && text.trim() ? text.slice(0, MAX_TEXT) : undefined;
}

/** `2026-11-22` */
export function readDay(value: unknown): string | undefined {
  return typeof value === "string" && DAY.test(value) ? value : undefined;
}

/** Midnight at the start of a day in the viewer's zone; `plusDays` later. */
export function startOfDay(day: string, plusDays = 0): Date {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  return new Date(year, month - 1, date + plusDays);
}

export type Change<T> = { readonly [K in keyof T]?: T[K] | undefined };

/** Without what is empty, so that the address stays short. */
export function withoutEmpty<T extends object>(search: Change<T>): T {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value)) as T;
}
