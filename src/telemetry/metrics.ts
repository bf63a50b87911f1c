import {
  type CounterLabels,
  type CounterName,
  HISTOGRAMS,
  type HistogramLabels,
  type HistogramName,
  labelText,
} from "./catalogue.ts";

/** What the code that counts sees. */
export interface Metrics {
  /** @param by how many at once */
  count<N extends CounterName>(name: N, labels: CounterLabels<N>, by?: number): void;
  observe<N extends HistogramName>(name: N, labels: HistogramLabels<N>, seconds: number): void;
}

/**
 * How much a series has grown. `bucket` is "" for a counter; for a histogram an upper bound (not
 * cumulative), or "sum".
 */
export type Sample = readonly [family: string, labels: string, bucket: string, value: number];

/** What an isolate hands over at once. `v` because deploys are not atomic. */
export interface Batch {
  readonly v: 1;
  /** The isolate. */
  readonly source: string;
  /** Counts up by one with each new batch; a batch that is sent again keeps its number. */
  readonly sequence: number;
  readonly samples: readonly Sample[];
}

/** At most one flush in this time, so one call every 5 s from a busy isolate. */
const FLUSH_INTERVAL_MS = 5_000;
const SEND_TIMEOUT_MS = 3_000;
/** `waitUntil` grants 30 s after the answer; the next request takes over well before. */
const FLUSHER_LIFE_MS = 20_000;
/** Far above what routes, methods and statuses make; a bound all the same. */
const MAX_SERIES = 5_000;

export interface Recorder extends Metrics {
  /**
   * Claims the work of handing over what was counted, for the caller to run after its answer.
   * @returns nothing when there is none to do, or another request does it
   */
  claimFlush(
    send: (batch: Batch) => Promise<void>,
    failed: (error: unknown) => void,
  ): (() => Promise<void>) | undefined;
}

/** Counts within one isolate. What was not handed over when the isolate dies is lost. */
export function createRecorder(
  options: { source?: string; now?: () => number; wait?: (ms: number) => Promise<unknown> } = {},
): Recorder {
  const {
    source = crypto.randomUUID(),
    now = Date.now,
    wait = (milliseconds) => scheduler.wait(milliseconds),
  } = options;
  let growth = new Map<string, [family: string, labels: string, bucket: string, value: number]>();
  let sequence = 0;
  let unconfirmed: Batch | undefined;
  let flushedAt = Number.NEGATIVE_INFINITY;
  /** A request that was cut off never lets go, so a claim ends by itself. */
  let claimedUntil = Number.NEGATIVE_INFINITY;

  function grow(family: string, labels: string, bucket: string, by: number): void {
    const key = `${family}{${labels}}${bucket}`;
    const series = growth.get(key);
    if (series !== undefined) series[3] += by;
    else if (growth.size < MAX_SERIES) growth.set(key, [family, labels, bucket, by]);
  }

  const hasWork = () => unconfirmed !== undefined || growth.size > 0;

  /** The batch that was not confirmed, or all that was counted since. */
  function nextBatch(): Batch {
    if (unconfirmed === undefined) {
      sequence += 1;
      unconfirmed = { v: 1, source, sequence, samples: [...growth.values()] };
      growth = new Map();
    }
    return unconfirmed;
  }

  return {
    count(name, labels, by = 1) {
      grow(name, labelText(labels), "", by);
    },
    observe(name, labels, seconds) {
      const text = labelText(labels);
      const bound = HISTOGRAMS[name].buckets.find((upper) => seconds <= upper);
      grow(name, text, bound === undefined ? "+Inf" : String(bound), 1);
      grow(name, text, "sum", seconds);
    },
    claimFlush(send, failed) {
      if (!hasWork() || now() < claimedUntil) return undefined;
      const end = now() + FLUSHER_LIFE_MS;
      const claim = () => {
        const pause = Math.max(0, flushedAt + FLUSH_INTERVAL_MS - now());
        claimedUntil = now() + pause + SEND_TIMEOUT_MS + 1_000;
        return pause;
      };
      let pause = claim();
      return async () => {
        for (;;) {
          if (pause > 0) await wait(pause);
          flushedAt = now();
          const batch = nextBatch();
          try {
            await within(SEND_TIMEOUT_MS, send(batch), wait);
            if (unconfirmed === batch) unconfirmed = undefined;
          } catch (error) {
            // Sent again under the same number: it may have arrived all the same.
            failed(error);
          }
          if (!hasWork() || now() >= end) break;
          pause = claim();
        }
        claimedUntil = Number.NEGATIVE_INFINITY;
      };
    },
  };
}

function within<T>(
  milliseconds: number,
  work: Promise<T>,
  wait: (ms: number) => Promise<unknown>,
): Promise<T> {
  const tooLate = wait(milliseconds).then(() => {
    throw new DOMException("no answer in time", "TimeoutError");
  });
  return Promise.race([work, tooLate]);
}
