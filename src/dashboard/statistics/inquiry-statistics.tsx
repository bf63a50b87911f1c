import { useQuery } from "@tanstack/react-query";
import { answerOf, api } from "../api/client.ts";
import { Bones, Failure } from "../ui/states.tsx";
import { ChartCard } from "./chart-card.tsx";
import { Figures } from "./figures.tsx";
import {
  formatBucket,
  PERIODS,
  type PeriodName,
  REFRESH_MS,
  rangeOf,
  timeZone,
} from "./periods.ts";
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

export function InquiryStatistics({ period }: { period: PeriodName }) {
  const { bucket } = PERIODS[period];
  const query = useQuery({
    queryKey: ["inquiry-statistics", period],
    queryFn: () =>
      answerOf(api.inquiries.statistics.$get({ query: { ...rangeOf(period), bucket, timeZone } })),
    placeholderData: (previous) => previous,
    refetchInterval: REFRESH_MS,
  });
  const { data } = query;
  return (
    <section aria-labelledby="inquiries-title">
      <h2 id="inquiries-title" className="section-title">
        Inquiries
      </h2>
      {query.isError && !data && (
        <Failure error={query.error} onRetry={() => void query.refetch()} />
      )}
      {query.isPending && <Bones lines={[40, 90, 85, 60]} />}
      {data && (
        <div className="cards" aria-busy={query.isFetching}>
          <Figures statistics={data} />
          <ChartCard
            title="What became of them"
            about="By the day they arrived, and the status they have now."
            series={STATUS_SERIES}
            rows={data.series.map(({ start, counts }) => ({
              label: formatBucket(start, data.bucket),
              values: counts,
            }))}
          />
          <ChartCard
            title="Accepted and spam"
            about="Spam that somebody brought back counts as accepted."
            series={INTAKE_SERIES}
            rows={data.series.map(({ start, accepted, spam }) => ({
              label: formatBucket(start, data.bucket),
              values: { accepted, spam },
            }))}
          />
          <Sources sources={data.sources} />
        </div>
      )}
    </section>
  );
}
