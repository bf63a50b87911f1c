import { useId } from "react";
import type { Change } from "./search-params.ts";

/** What every list can be narrowed by. */
export interface CommonFilters {
  /** `2026-11-22`, included. */
  from?: string;
  to?: string;
  source?: string;
  order?: "oldest";
}

interface FieldsProps {
  search: CommonFilters;
  change: (patch: Change<CommonFilters>) => void;
}

/** Days are the viewer's own. */
export function PeriodFields({ search, change }: FieldsProps) {
  const id = useId();
  return (
    <>
      <div className="field">
        <label htmlFor={`${id}-from`}>From</label>
        <input
          id={`${id}-from`}
          type="date"
          className="input"
          value={search.from ?? ""}
          onChange={({ target }) => change({ from: target.value })}
        />
      </div>
      <div className="field">
        <label htmlFor={`${id}-to`}>To</label>
        <input
          id={`${id}-to`}
          type="date"
          className="input"
          value={search.to ?? ""}
          onChange={({ target }) => change({ to: target.value })}
        />
      </div>
    </>
  );
}

export function SourceField({ search, change }: FieldsProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>Source</label>
      <input
        id={id}
        className="input"
        placeholder="Any form"
        defaultValue={search.source ?? ""}
        key={search.source ?? ""}
        onBlur={({ target }) => change({ source: target.value.trim() })}
        onKeyDown={({ key, currentTarget }) => key === "Enter" && currentTarget.blur()}
      />
    </div>
  );
}

export function OrderField({ search, change }: FieldsProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>Order</label>
      <select
        id={id}
        className="input"
        value={search.order ?? ""}
        onChange={({ target }) =>
          change({ order: target.value === "oldest" ? "oldest" : undefined })
        }
      >
        <option value="">Newest first</option>
        <option value="oldest">Oldest first</option>
      </select>
    </div>
  );
}
