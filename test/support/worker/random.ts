/** A random number generator that repeats itself for the same seed (mulberry32). */
export function seeded(seed: number) {
  let state = seed >>> 0;
  /** From 0, below `below`. */
  const int = (below: number): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
  return {
    int,
    pick<T>(from: readonly T[]): T {
      const found = from[int(from.length)];
      if (found === undefined) throw new RangeError("nothing to pick from");
      return found;
    },
    times<T>(count: number, make: () => T): T[] {
      return Array.from({ length: count }, make);
    },
  };
}

export type Random = ReturnType<typeof seeded>;
