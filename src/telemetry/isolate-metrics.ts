import { sendBatch } from "./hub-client.ts";
import { type Caller, type Logger, nameOf } from "./logger.ts";
import { createRecorder, type Metrics, type Recorder } from "./metrics.ts";
import type { MetricsHub } from "./metrics-hub.ts";

/** What is needed of the environment; independent of the rest, which may be malformed. */
export interface MetricsEnv {
  readonly METRICS: DurableObjectNamespace<MetricsHub>;
  /** Secret: switches metrics on. */
  readonly METRICS_TOKEN?: string;
}

/** One for each environment object, so one for each isolate. */
const recorders = new WeakMap<MetricsEnv, Recorder>();

/** Where metrics are off nothing is kept and nothing is sent. */
const OFF: Recorder = { count() {}, observe() {}, claimFlush: () => undefined };

function recorderOf(env: MetricsEnv): Recorder {
  if (!env.METRICS_TOKEN) return OFF;
  let recorder = recorders.get(env);
  if (recorder === undefined) {
    recorder = createRecorder();
    recorders.set(env, recorder);
  }
  return recorder;
}

/** The counters of this isolate, shared by its requests. */
export function metricsOf(env: MetricsEnv): Metrics {
  return recorderOf(env);
}

/**
 * Hands the isolate's counters over, after the answer and at most every 5 s. What could not be handed
 * over is sent again later.
 * @param options.after keeps the isolate alive for the work (`waitUntil`)
 */
export function flushMetrics(
  env: MetricsEnv,
  options: {
    from: Caller;
    after: (work: Promise<unknown>) => void;
    log: Pick<Logger, "warn">;
  },
): void {
  const recorder = recorderOf(env);
  const flush = recorder.claimFlush(
    (batch) => sendBatch(env.METRICS, batch, options.from),
    (error) => {
      recorder.count("outreach_dependency_errors_total", { dependency: "metrics" });
      options.log.warn("metrics not handed over", { error: nameOf(error) });
    },
  );
  // A turn of the event loop, so that the answer leaves first.
  if (flush !== undefined) options.after(scheduler.wait(0).then(flush));
}
