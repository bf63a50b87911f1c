import { useNavigate } from "@tanstack/react-router";
import { type RefObject, useId } from "react";
import { OrderField, PeriodFields, SourceField } from "../list/filter-fields.tsx";
import { SearchBar } from "../list/search-bar.tsx";
import { type Change, withoutEmpty } from "../list/search-params.ts";
import { useMe } from "../session/me.ts";
import { countFilters, type InboxSearch } from "./search.ts";

/** Search words and filters; the address holds them, so that a list can be shared and gone back to. */
export function FilterBar(props: {
  search: InboxSearch;
  searchField: RefObject<HTMLInputElement | null>;
}) {
  const { search, searchField } = props;
  const navigate = useNavigate();
  const change = (patch: Change<InboxSearch>) =>
    void navigate({
      to: ".",
      replace: true,
      search: (old) => withoutEmpty<InboxSearch>({ ...(old as InboxSearch), ...patch }),
    });
  return (
    <SearchBar
      label="Search inquiries"
      words={search.q}
      onWords={(q) => change({ q })}
      searchField={searchField}
      active={countFilters(search)}
      onClear={() =>
        change({
          source: undefined,
          assignee: undefined,
          from: undefined,
          to: undefined,
          order: undefined,
        })
      }
    >
      <PeriodFields search={search} change={change} />
      <SourceField search={search} change={change} />
      <AssigneeField search={search} change={change} />
      <OrderField search={search} change={change} />
    </SearchBar>
  );
}

function AssigneeField(props: {
  search: InboxSearch;
  change: (patch: Change<InboxSearch>) => void;
}) {
  const { search, change } = props;
  const { data: me } = useMe();
  const mine = me?.subject;
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>Assigned to</label>
      <select
        id={id}
        className="input"
        value={search.assignee ?? ""}
        onChange={({ target }) => change({ assignee: target.value })}
      >
        <option value="">Anyone</option>
        {mine && <option value={mine}>Me</option>}
        {search.assignee && search.assignee !== mine && (
          <option value={search.assignee}>{search.assignee}</option>
        )}
      </select>
    </div>
  );
}
