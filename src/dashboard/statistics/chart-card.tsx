import { Table2 } from "lucide-react";
import { useId, useState } from "react";
import {
  Area,
  Bar,
  CartesianGrid,
  ComposedChart,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from "recharts";
import { Button } from "../ui/button.tsx";

export interface Series {
  readonly key: string;
  readonly name: string;
  /** Absent for what only the table says. */
  readonly color?: string;
  /** Counts of a moment are not added up: the last one stands for all. */
  readonly isLevel?: boolean;
}

export interface ChartRow {
  readonly label: string;
  readonly values: Readonly<Partial<Record<string, number>>>;
}

/** Bars or a line over time, and the same numbers as a table for those who would rather read them. */
export function ChartCard(props: {
  title: string;
  about: string;
  series: readonly Series[];
  rows: readonly ChartRow[];
  /** How the series stand to each other; a line is for one. */
  shape?: "stacked" | "beside" | "line";
}) {
  const { title, about, series, rows, shape = "stacked" } = props;
  const [asTable, setAsTable] = useState(false);
  const id = useId();
  return (
    <section className="card" aria-labelledby={id}>
      <div className="card-head">
        <div>
          <h3 id={id}>{title}</h3>
          <p>{about}</p>
        </div>
        <Button look="quiet" aria-pressed={asTable} onPress={() => setAsTable(!asTable)}>
          <Table2 size={16} aria-hidden="true" /> Table
        </Button>
      </div>
      <ul className="legend">
        {drawn(series).map(({ color, ...each }) => (
          <li key={each.key}>
            <span className="swatch" style={{ background: color }} aria-hidden="true" />
            {each.name} <span className="num">{sumOf(rows, each).toLocaleString()}</span>
          </li>
        ))}
      </ul>
      {asTable ? (
        <Numbers title={title} series={series} rows={rows} />
      ) : (
        <Chart title={title} series={drawn(series)} rows={rows} shape={shape} />
      )}
    </section>
  );
}

function Chart(props: ChartProps & { title: string; shape: "stacked" | "beside" | "line" }) {
  const { title, series, rows, shape } = props;
  const data = rows.map(({ label, values }) => ({ label, ...values }));
  const sums = series.map((each) => `${each.name} ${sumOf(rows, each)}`).join(", ");
  return (
    <div
      className="chart"
      role="img"
      aria-label={`${title}: ${sums}. Shown as numbers by “Table”.`}
    >
      <ResponsiveContainer width="100%" height={240}>
        <ComposedChart
          data={data}
          accessibilityLayer={false}
          margin={{ left: -22, right: 4, top: 8 }}
        >
          <CartesianGrid vertical={false} stroke="var(--line)" />
          <XAxis
            dataKey="label"
            tickLine={false}
            axisLine={{ stroke: "var(--line-strong)" }}
            tick={{ fill: "var(--ink-3)", fontSize: 12 }}
            minTickGap={24}
          />
          <YAxis
            allowDecimals={false}
            tickLine={false}
            axisLine={false}
            tick={{ fill: "var(--ink-3)", fontSize: 12 }}
          />
          <Tooltip
            cursor={{ fill: "var(--hover)" }}
            isAnimationActive={false}
            contentStyle={{
              border: "1px solid var(--line)",
              borderRadius: 8,
              background: "var(--raised)",
              color: "var(--ink)",
              fontSize: 13,
            }}
            itemStyle={{ color: "var(--ink-2)", padding: 0 }}
          />
          {series.map(({ key, name, color = "" }) =>
            shape === "line" ? (
              <Area
                key={key}
                dataKey={key}
                name={name}
                type="linear"
                stroke={color}
                strokeWidth={2}
                fill={color}
                fillOpacity={0.12}
                isAnimationActive={false}
              />
            ) : (
              <Bar
                key={key}
                dataKey={key}
                name={name}
                {...(shape === "stacked" && { stackId: "all" })}
                fill={color}
                maxBarSize={34}
                isAnimationActive={false}
              />
            ),
          )}
        </ComposedChart>
      </ResponsiveContainer>
    </div>
  );
}

interface ChartProps {
  series: readonly Series[];
  rows: readonly ChartRow[];
}

function Numbers({ title, series, rows }: { title: string } & ChartProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
    <section className="scroll-x tall" tabIndex={0} aria-label={`${title}, as a table`}>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">From</th>
            {series.map(({ key, name }) => (
              <th key={key} scope="col" className="right">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ label, values }, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the hour that clocks repeat has the same label twice
            <tr key={index}>
              <th scope="row">{label}</th>
              {series.map(({ key }) => (
                <td key={key} className="right">
                  {(values[key] ?? 0).toLocaleString()}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function drawn(series: readonly Series[]): readonly Series[] {
  return series.filter(({ color }) => color !== undefined);
}

function sumOf(rows: readonly ChartRow[], { key, isLevel = false }: Series): number {
  if (isLevel) return rows.at(-1)?.values[key] ?? 0;
  return rows.reduce((sum, { values }) => sum + (values[key] ?? 0), 0);
}
