import { useNavigate } from "@tanstack/react-router";
import type { RefObject } from "react";
import { OrderField, PeriodFields, SourceField } from "../list/filter-fields.tsx";
import { SearchBar } from "../list/search-bar.tsx";
import { type Change, withoutEmpty } from "../list/search-params.ts";
import { countFilters, type SubscriberSearch } from "./search.ts";

export function FilterBar(props: {
  search: SubscriberSearch;
  searchField: RefObject<HTMLInputElement | null>;
}) {
  const { search, searchField } = props;
  const navigate = useNavigate();
  const change = (patch: Change<SubscriberSearch>) =>
    void navigate({
      to: ".",
      replace: true,
      search: (old) => withoutEmpty<SubscriberSearch>({ ...(old as SubscriberSearch), ...patch }),
    });
  return (
    <SearchBar
      label="Search subscribers"
      words={search.q}
      onWords={(q) => change({ q })}
      searchField={searchField}
      active={countFilters(search)}
      onClear={() =>
        change({ source: undefined, from: undefined, to: undefined, order: undefined })
      }
    >
      <PeriodFields search={search} change={change} />
      <SourceField search={search} change={change} />
      <OrderField search={search} change={change} />
    </SearchBar>
  );
}
