/** One figure that was measured. */
export interface Figure {
  readonly name: string;
  /** In words: "≤ 1.3". */
  readonly target: string;
  readonly value: number;
  readonly unit: string;
  readonly detail: string;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
