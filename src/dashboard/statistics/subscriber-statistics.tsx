import { useQuery } from "@tanstack/react-query";
import { answerOf, api } from "../api/client.ts";
import { Bones, Failure } from "../ui/states.tsx";
import { ChartCard } from "./chart-card.tsx";
import { Figure } from "./figures.tsx";
import {
  formatBucket,
  PERIODS,
  type PeriodName,
  REFRESH_MS,
  rangeOf,
  timeZone,
} from "./periods.ts";

const MOVEMENTS = [
  { key: "joined", name: "Joined", color: "var(--chart-new)" },
  { key: "left", name: "Left", color: "var(--chart-cancelled)" },
  { key: "removed", name: "Removed" },
  { key: "net", name: "Net" },
] as const;

const ACTIVE = [
  { key: "active", name: "On the list at the end", color: "var(--chart-new)", isLevel: true },
] as const;

const signed = new Intl.NumberFormat(undefined, { signDisplay: "exceptZero" });

export function SubscriberStatistics({ period }: { period: PeriodName }) {
  const { bucket } = PERIODS[period];
  const query = useQuery({
    queryKey: ["subscriber-statistics", period],
    queryFn: () =>
      answerOf(
        api.subscribers.statistics.$get({ query: { ...rangeOf(period), bucket, timeZone } }),
      ),
    placeholderData: (previous) => previous,
    refetchInterval: REFRESH_MS,
  });
  const { data } = query;
  const rows = data?.series.map(({ start, end: _, ...values }) => ({
    label: formatBucket(start, data.bucket),
    values,
  }));
  return (
    <section aria-labelledby="subscribers-title">
      <h2 id="subscribers-title" className="section-title">
        Subscribers
      </h2>
      {query.isError && !data && (
        <Failure error={query.error} onRetry={() => void query.refetch()} />
      )}
      {query.isPending && <Bones lines={[40, 90, 85, 60]} />}
      {data && rows && (
        <div className="cards" aria-busy={query.isFetching}>
          <dl className="figures">
            <Figure
              name="On the list"
              value={data.totals.active.toLocaleString()}
              note="and get mail"
            />
            <Figure
              name="Joined"
              value={data.totals.joined.toLocaleString()}
              note="for the first time or again"
            />
            <Figure
              name="Left"
              value={data.totals.left.toLocaleString()}
              note={removedNote(data.totals.removed)}
            />
            <Figure
              name="Net"
              value={signed.format(data.totals.net)}
              note="joined, less left and removed"
            />
          </dl>
          <ChartCard
            title="Who joined and who left"
            about="By the time at which they did."
            shape="beside"
            series={MOVEMENTS}
            rows={rows}
          />
          <ChartCard
            title="How many there were"
            about="On the list at the end of each stretch."
            shape="line"
            series={ACTIVE}
            rows={rows}
          />
        </div>
      )}
    </section>
  );
}

function removedNote(removed: number): string {
  return removed === 0 ? "of their own wish" : `and ${removed.toLocaleString()} removed by staff`;
}
