/** The viewer's own. */
export const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

type Bucket = "hour" | "day" | "week" | "month";

export const PERIODS = {
  today: { name: "Last 24 hours", bucket: "hour", days: 1 },
  week: { name: "Last 7 days", bucket: "day", days: 7 },
  month: { name: "Last 30 days", bucket: "day", days: 30 },
  quarter: { name: "Last 13 weeks", bucket: "week", days: 91 },
  year: { name: "Last 12 months", bucket: "month", days: 365 },
} as const satisfies Record<string, { name: string; bucket: Bucket; days: number }>;

export type PeriodName = keyof typeof PERIODS;

/** What the address says; absent means the last 30 days. */
export interface StatisticsSearch {
  period?: PeriodName;
}

export function parseStatisticsSearch({ period }: Record<string, unknown>): StatisticsSearch {
  const name = (Object.keys(PERIODS) as PeriodName[]).find((each) => each === period);
  return name && name !== "month" ? { period: name } : {};
}

/** A page that stays open is not to show this morning. */
export const REFRESH_MS = 60_000;

/** From the start of a bucket until now, so that the first bar is not cut. */
export function rangeOf(period: PeriodName, now = new Date()): { from: string; to: string } {
  const { bucket, days } = PERIODS[period];
  const from = new Date(now);
  if (bucket === "hour") {
    from.setHours(from.getHours() - 23, 0, 0, 0);
  } else if (bucket === "month") {
    from.setMonth(from.getMonth() - 11, 1);
    from.setHours(0, 0, 0, 0);
  } else {
    from.setDate(from.getDate() - days + 1);
    // Weeks begin on Monday, as ISO 8601 has it.
    if (bucket === "week") from.setDate(from.getDate() - ((from.getDay() + 6) % 7));
    from.setHours(0, 0, 0, 0);
  }
  return { from: from.toISOString(), to: now.toISOString() };
}

const FORMATS: Readonly<Record<Bucket, Intl.DateTimeFormat>> = {
  hour: new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" }),
  day: new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" }),
  week: new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" }),
  month: new Intl.DateTimeFormat(undefined, { month: "short", year: "numeric" }),
};

export function formatBucket(start: string, bucket: Bucket): string {
  return FORMATS[bucket].format(new Date(start));
}
