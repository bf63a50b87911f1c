/**
 * Every metric there is. A name, a label or a label's value that is not here cannot be counted, so
 * the number of series is bounded by this file and by the routes. Units are in the names, as
 * https://prometheus.io/docs/practices/naming/ has it.
 */

/** Any of a few values that the code decides on, never a caller: a route's pattern, a room. */
const OPEN = null;

export const METHODS = ["GET", "HEAD", "POST", "PATCH", "DELETE", "OPTIONS", "other"] as const;

/** What became of a public write. */
const OUTCOMES = [
  "stored",
  "replayed",
  "spam",
  "queued",
  "invalid",
  "limited",
  "too_large",
  "failed",
  // What became of those that were queued, later, beside what was counted for the request.
  "stored_late",
  "set_aside",
] as const;

export const DEPENDENCIES = [
  "postgres",
  "redis",
  "jwks",
  "rooms",
  "spool",
  "metrics",
  "turnstile",
] as const;

export type Dependency = (typeof DEPENDENCIES)[number];

interface Family {
  readonly help: string;
  /** `null`, or the values it takes. When each label has a list, all series start at 0. */
  readonly labels: Readonly<Record<string, readonly string[] | null>>;
}

export const COUNTERS = {
  outreach_http_requests_total: {
    help: "Answers, by the pattern of the route.",
    labels: { route: OPEN, method: METHODS, status: OPEN },
  },
  outreach_submissions_total: {
    help: "Inquiries sent by strangers, by what became of them.",
    labels: { outcome: OUTCOMES },
  },
  outreach_subscriptions_total: {
    help: "Newsletter sign-ups, by what became of them.",
    labels: { outcome: OUTCOMES },
  },
  outreach_rate_limited_total: {
    help: "Writes refused by a limit, by the gate and the policy that refused.",
    labels: { route: OPEN, gate: ["edge", "redis", "local"], policy: OPEN },
  },
  outreach_room_events_total: {
    help: "Events that a room has taken into its log.",
    labels: { room: OPEN },
  },
  outreach_room_publish_failures_total: {
    help: "Events given up because their room could not be reached.",
    labels: {},
  },
  outreach_dependency_errors_total: {
    help: "Calls that a dependency did not answer, or answered with an outage.",
    labels: { dependency: DEPENDENCIES },
  },
} as const satisfies Record<string, Family>;

/** Upper bounds in seconds; 0.8 is the time an insert has before the write goes to the spool. */
const REQUEST_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.8, 1, 2.5, 5, 10] as const;

export const HISTOGRAMS = {
  outreach_http_request_duration_seconds: {
    help: "Time until an answer was ready, as the Worker's clock saw it.",
    labels: { route: OPEN, method: METHODS },
    buckets: REQUEST_BUCKETS,
  },
} as const satisfies Record<string, Family & { buckets: readonly number[] }>;

/** Measured when they are asked for. */
export const GAUGES = {
  outreach_inquiries: { help: "Inquiries that are not in the bin.", labels: { status: OPEN } },
  outreach_subscribers: { help: "Subscribers that are not in the bin.", labels: { status: OPEN } },
  outreach_room_observers: { help: "Open sockets of a room.", labels: { room: OPEN } },
  outreach_spool_depth: { help: "Writes that wait for Postgres.", labels: {} },
  outreach_spool_oldest_seconds: { help: "Age of the oldest waiting write.", labels: {} },
  outreach_spool_set_aside: { help: "Writes that Postgres refused for good.", labels: {} },
  outreach_part_up: {
    help: "1 when this part could be measured by this scrape, 0 when not.",
    labels: { part: OPEN },
  },
} as const satisfies Record<string, Family>;

export type CounterName = keyof typeof COUNTERS;
export type HistogramName = keyof typeof HISTOGRAMS;
export type GaugeName = keyof typeof GAUGES;

type LabelsOf<F extends Family> = {
  readonly [L in keyof F["labels"]]: F["labels"][L] extends readonly (infer V)[] ? V : string;
};
export type CounterLabels<N extends CounterName> = LabelsOf<(typeof COUNTERS)[N]>;
export type HistogramLabels<N extends HistogramName> = LabelsOf<(typeof HISTOGRAMS)[N]>;
export type GaugeLabels<N extends GaugeName> = LabelsOf<(typeof GAUGES)[N]>;

/** A gauge's value now. */
export type Gauge = {
  [N in GaugeName]: readonly [name: N, labels: GaugeLabels<N>, value: number];
}[GaugeName];

/** `method="GET",route="/healthz"`, escaped as the text format has it. */
export function labelText(labels: object): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${String(value).replace(/[\\"\n]/g, escapeOf)}"`)
    .join(",");
}

function escapeOf(character: string): string {
  return character === "\n" ? "\\n" : `\\${character}`;
}
