/** Events that come `atOnce` of them, `steps` times, every `everyMs`. */
export interface Burst {
  /** The number of the last event before it. */
  readonly n: number;
  readonly steps: number;
  readonly atOnce: number;
  readonly everyMs: number;
  /** Published by one call, as a bulk triage does, or each by its own, as submissions are. */
  readonly together: boolean;
  readonly text: string;
}
