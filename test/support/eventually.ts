import { vi } from "vitest";

/** Tries until it passes; for as long as a slow machine may take, not vitest's one second. */
export function eventually<T>(expectation: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(expectation, { timeout: 10_000 });
}
