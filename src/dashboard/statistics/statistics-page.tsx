import { useEffect, useId, useState } from "react";
import { useMay } from "../session/me.ts";
import { InquiryStatistics } from "./inquiry-statistics.tsx";
import { PERIODS, type PeriodName, timeZone } from "./periods.ts";
import { SubscriberStatistics } from "./subscriber-statistics.tsx";

export function StatisticsPage() {
  const [period, setPeriod] = useState<PeriodName>("month");
  const id = useId();
  const may = useMay();
  useEffect(() => {
    document.title = "Statistics · Outreach";
  }, []);
  return (
    <div className="page">
      <div className="page-head">
        <div>
          <h1>Statistics</h1>
          <p>In the time zone {timeZone.replaceAll("_", " ")}.</p>
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
      <InquiryStatistics period={period} />
      {may("subscriber", "read") && <SubscriberStatistics period={period} />}
    </div>
  );
}
