import { useQuery } from "@tanstack/react-query";
import { useEffect, useId, useState } from "react";
import { answerOf, api } from "../api/client.ts";
import { Bones, Failure } from "../ui/states.tsx";
import { ChartCard } from "./chart-card.tsx";
import { Figures } from "./figures.tsx";
import { formatBucket, PERIODS, type PeriodName, rangeOf, timeZone } from "./periods.ts";
import { Sources } from "./sources.tsx";

const STATUS_SERIES = [
  { key: "NEW", name: "New", color: "var(--chart-new)" },
  { key: "IN_PROGRESS", name: "In progress", color: "var(--chart-progress)" },
  { key: "RESOLVED", name: "Resolved", color: "var(--chart-done)" },
  { key: "CANCELLED", name: "Cancelled", color: "var(--chart-cancelled)" },
] as const;

const INTAKE_SERIES = [
  { key: "accepted", name: "Accepted", color: "var(--chart-new)" },
  { key: "spam", name: "Spam", color: "var(--chart-cancelled)" },
] as const;

export function StatisticsPage() {
  const [period, setPeriod] = useState<PeriodName>("month");
  const id = useId();
  useEffect(() => {
    document.title = "Statistics · Outreach";
  }, []);
  const { bucket } = PERIODS[period];
  const query = useQuery({
    queryKey: ["inquiry-statistics", period],
    queryFn: () =>
      answerOf(api.inquiries.statistics.$get({ query: { ...rangeOf(period), bucket, timeZone } })),
    placeholderData: (previous) => previous,
  });
  const { data } = query;
  return (
    <div className="page">
      <div className="page-head">
        <div>
          <h1>Statistics</h1>
          <p>Inquiries, in the time zone {timeZone.replaceAll("_", " ")}.</p>
        </div>
        <div className="field">
          <label htmlFor={id}>Period</label>
          <select
            id={id}
            className="input"
            value={period}
            onChange={({ target }) => setPeriod(target.value as PeriodName)}
          >
            {Object.entries(PERIODS).map(([key, { name }]) => (
              <option key={key} value={key}>
                {name}
              </option>
            ))}
          </select>
        </div>
      </div>
      {query.isError && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <Bones lines={[40, 90, 85, 60]} />}
      {data && (
        <div className="cards" aria-busy={query.isFetching}>
          <Figures statistics={data} />
          <ChartCard
            title="What became of them"
            about="By the day they arrived, and the status they have now."
            series={STATUS_SERIES}
            rows={data.series.map(({ start, counts }) => ({
              label: formatBucket(start, bucket),
              values: counts,
            }))}
          />
          <ChartCard
            title="Accepted and spam"
            about="Spam that somebody brought back counts as accepted."
            series={INTAKE_SERIES}
            rows={data.series.map(({ start, accepted, spam }) => ({
              label: formatBucket(start, bucket),
              values: { accepted, spam },
            }))}
          />
          <Sources sources={data.sources} />
        </div>
      )}
    </div>
  );
}
