import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useId } from "react";
import { useMay } from "../session/me.ts";
import { InquiryStatistics } from "./inquiry-statistics.tsx";
import { PERIODS, parseStatisticsSearch, timeZone } from "./periods.ts";
import { SubscriberStatistics } from "./subscriber-statistics.tsx";

export function StatisticsPage() {
  const { period = "month" } = useSearch({ from: "/statistics" });
  const navigate = useNavigate();
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
            onChange={({ target }) =>
              void navigate({
                to: "/statistics",
                replace: true,
                search: parseStatisticsSearch({ period: target.value }),
              })
            }
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
