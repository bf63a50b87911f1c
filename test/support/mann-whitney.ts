/**
 * Whether one of two samples tends to be larger: the Mann–Whitney U test, as a standard normal z, with
 * ties (Mann and Whitney, 1947; Lehmann, "Nonparametrics", 1.4). Beyond ±3.3 chance is 1 in 1,000.
 */
export function mannWhitney(a: readonly number[], b: readonly number[]): number {
  const values = [
    ...a.map((value) => ({ value, ofA: true })),
    ...b.map((value) => ({ value, ofA: false })),
  ].sort((x, y) => x.value - y.value);
  const n = values.length;
  let rankSum = 0;
  let ties = 0;
  for (let start = 0; start < n; ) {
    let end = start;
    while (end < n && values[end]?.value === values[start]?.value) end += 1;
    const size = end - start;
    const rank = (start + 1 + end) / 2;
    rankSum += rank * values.slice(start, end).filter(({ ofA }) => ofA).length;
    ties += size ** 3 - size;
    start = end;
  }
  const u = rankSum - (a.length * (a.length + 1)) / 2;
  const mean = (a.length * b.length) / 2;
  const variance = ((a.length * b.length) / 12) * (n + 1 - ties / (n * (n - 1)));
  return variance === 0 ? 0 : (u - mean) / Math.sqrt(variance);
}
