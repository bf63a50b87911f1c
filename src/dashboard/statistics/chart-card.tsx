import { Table2 } from "lucide-react";
import { useId, useState } from "react";
import { Bar, BarChart, CartesianGrid, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import { Button } from "../ui/button.tsx";

export interface Series {
  readonly key: string;
  readonly name: string;
  readonly color: string;
}

export interface ChartRow {
  readonly label: string;
  readonly values: Readonly<Partial<Record<string, number>>>;
}

/** Stacked bars over time, and the same numbers as a table for those who would rather read them. */
export function ChartCard(props: {
  title: string;
  about: string;
  series: readonly Series[];
  rows: readonly ChartRow[];
}) {
  const { title, about, series, rows } = props;
  const [asTable, setAsTable] = useState(false);
  const id = useId();
  return (
    <section className="card" aria-labelledby={id}>
      <div className="card-head">
        <div>
          <h2 id={id}>{title}</h2>
          <p>{about}</p>
        </div>
        <Button look="quiet" aria-pressed={asTable} onPress={() => setAsTable(!asTable)}>
          <Table2 size={16} aria-hidden="true" /> Table
        </Button>
      </div>
      <ul className="legend">
        {series.map(({ key, name, color }) => (
          <li key={key}>
            <span className="swatch" style={{ background: color }} aria-hidden="true" />
            {name} <span className="num">{totalOf(rows, key).toLocaleString()}</span>
          </li>
        ))}
      </ul>
      {asTable ? (
        <Numbers title={title} series={series} rows={rows} />
      ) : (
        <Chart title={title} series={series} rows={rows} />
      )}
    </section>
  );
}

function Chart({ title, series, rows }: { title: string } & ChartProps) {
  const data = rows.map(({ label, values }) => ({ label, ...values }));
  const sums = series.map(({ key, name }) => `${name} ${totalOf(rows, key)}`).join(", ");
  return (
    <div
      className="chart"
      role="img"
      aria-label={`${title}: ${sums}. Shown as numbers by “Table”.`}
    >
      <ResponsiveContainer width="100%" height={240}>
        <BarChart data={data} accessibilityLayer={false} margin={{ left: -22, right: 4, top: 8 }}>
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
          {series.map(({ key, name, color }) => (
            <Bar
              key={key}
              dataKey={key}
              name={name}
              stackId="all"
              fill={color}
              maxBarSize={34}
              isAnimationActive={false}
            />
          ))}
        </BarChart>
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

function totalOf(rows: readonly ChartRow[], key: string): number {
  return rows.reduce((sum, { values }) => sum + (values[key] ?? 0), 0);
}
