import type { InquiryStatistics } from "../../inquiries/statistics-schema.ts";

const percent = new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 0 });

/** The four numbers one looks for first. */
export function Figures({ statistics }: { statistics: InquiryStatistics }) {
  const { totals, firstHandling } = statistics;
  const open = (totals.counts.NEW ?? 0) + (totals.counts.IN_PROGRESS ?? 0);
  return (
    <dl className="figures">
      <Figure name="Received" value={totals.submitted.toLocaleString()} note={spamNote(totals)} />
      <Figure name="Still open" value={open.toLocaleString()} note="of this period" />
      <Figure
        name="First handled within"
        value={sayDuration(firstHandling.medianSeconds)}
        note="half of them (median)"
      />
      <Figure
        name="The slow ones"
        value={sayDuration(firstHandling.p90Seconds)}
        note="nine of ten are faster"
      />
    </dl>
  );
}

function spamNote({ submitted, spam }: { submitted: number; spam: number }): string {
  return submitted === 0 ? "nothing yet" : `${percent.format(spam / submitted)} of it spam`;
}

export function Figure({ name, value, note }: { name: string; value: string; note: string }) {
  return (
    <div className="figure">
      <dt>{name}</dt>
      <dd>
        <span className="figure-value">{value}</span>
        <span className="figure-note">{note}</span>
      </dd>
    </div>
  );
}

/** Seconds in the largest unit that fits, which is as exact as the histogram behind them. */
function sayDuration(seconds: number | null): string {
  if (seconds === null) return "–";
  const units = [
    ["day", 86_400],
    ["hour", 3_600],
    ["minute", 60],
  ] as const;
  const [unit, size] = units.find(([, size]) => seconds >= size * 1.5) ?? (["minute", 60] as const);
  const value = Math.max(1, Math.round(seconds / size));
  return new Intl.NumberFormat(undefined, { style: "unit", unit, unitDisplay: "long" }).format(
    value,
  );
}
