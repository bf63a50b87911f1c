import { useNavigate } from "@tanstack/react-router";
import { Search, SlidersHorizontal, X } from "lucide-react";
import { type RefObject, useEffect, useId, useState } from "react";
import { useMe } from "../session/me.ts";
import { Button } from "../ui/button.tsx";
import { countFilters, type InboxSearch } from "./search.ts";

/** How long after the last letter the search begins. */
const TYPING_MS = 250;

/** Search words and filters; the address holds them, so that a list can be shared and gone back to. */
export function FilterBar(props: {
  search: InboxSearch;
  searchField: RefObject<HTMLInputElement | null>;
}) {
  const { search, searchField } = props;
  const navigate = useNavigate();
  const active = countFilters(search);
  const [expanded, setExpanded] = useState(active > 0);
  const [typed, setTyped] = useState(search.q ?? "");
  const filtersId = useId();

  const change = (patch: { [K in keyof InboxSearch]?: InboxSearch[K] | undefined }) =>
    void navigate({
      to: ".",
      replace: true,
      search: (old: InboxSearch) => clean({ ...old, ...patch }),
    });

  useEffect(() => setTyped(search.q ?? ""), [search.q]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only what is typed starts a search
  useEffect(() => {
    if (typed.trim() === (search.q ?? "")) return;
    const timer = setTimeout(() => change({ q: typed.trim() }), TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed]);

  return (
    <search className="filters">
      <div className="filters-top">
        <label className="search-field">
          <Search size={16} aria-hidden="true" />
          <span className="sr">Search inquiries</span>
          <input
            ref={searchField}
            type="search"
            className="input"
            placeholder="Search"
            maxLength={200}
            value={typed}
            onChange={({ target }) => setTyped(target.value)}
            onKeyDown={(event) => {
              if (event.key === "Enter") change({ q: typed.trim() });
              if (event.key !== "Escape") return;
              setTyped("");
              change({ q: undefined });
              event.currentTarget.blur();
            }}
          />
        </label>
        <Button
          look="quiet"
          aria-expanded={expanded}
          aria-controls={filtersId}
          onPress={() => setExpanded(!expanded)}
        >
          <SlidersHorizontal size={16} aria-hidden="true" /> Filters
          {active > 0 && <span className="count">{active}</span>}
        </Button>
      </div>
      <div id={filtersId} className="filters-more" hidden={!expanded}>
        <Fields search={search} change={change} />
        {active > 0 && (
          <Button
            look="quiet"
            onPress={() =>
              change({
                source: undefined,
                assignee: undefined,
                from: undefined,
                to: undefined,
                order: undefined,
              })
            }
          >
            <X size={15} aria-hidden="true" /> Clear filters
          </Button>
        )}
      </div>
    </search>
  );
}

function Fields(props: {
  search: InboxSearch;
  change: (patch: { [K in keyof InboxSearch]?: InboxSearch[K] | undefined }) => void;
}) {
  const { search, change } = props;
  const { data: me } = useMe();
  const mine = me?.subject;
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
      <div className="field">
        <label htmlFor={`${id}-source`}>Source</label>
        <input
          id={`${id}-source`}
          className="input"
          placeholder="Any form"
          defaultValue={search.source ?? ""}
          key={search.source ?? ""}
          onBlur={({ target }) => change({ source: target.value.trim() })}
          onKeyDown={({ key, currentTarget }) => key === "Enter" && currentTarget.blur()}
        />
      </div>
      <div className="field">
        <label htmlFor={`${id}-assignee`}>Assigned to</label>
        <select
          id={`${id}-assignee`}
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
      <div className="field">
        <label htmlFor={`${id}-order`}>Order</label>
        <select
          id={`${id}-order`}
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
    </>
  );
}

/** Without what is empty, so that the address stays short. */
function clean(search: { [K in keyof InboxSearch]?: InboxSearch[K] | undefined }): InboxSearch {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value)) as InboxSearch;
}
