import { Search, SlidersHorizontal, X } from "lucide-react";
import { type ReactNode, type RefObject, useEffect, useId, useRef, useState } from "react";
import { Button } from "../ui/button.tsx";

/** How long after the last letter the search begins. */
const TYPING_MS = 250;

/** Search words, and filters behind a button; the caller keeps both in the address. */
export function SearchBar(props: {
  label: string;
  words: string | undefined;
  onWords: (words: string | undefined) => void;
  searchField?: RefObject<HTMLInputElement | null>;
  /** How many filters are set. */
  active: number;
  onClear: () => void;
  children: ReactNode;
}) {
  const { label, words = "", onWords, searchField, active, onClear, children } = props;
  const [expanded, setExpanded] = useState(active > 0);
  const [typed, setTyped] = useState(words);
  const filtersId = useId();

  // What comes back from the address later than it was typed would undo the letters since.
  const said = useRef(words);
  useEffect(() => {
    if (words === said.current) return;
    said.current = words;
    setTyped(words);
  }, [words]);
  const search = (text: string) => {
    said.current = text;
    onWords(text || undefined);
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: only what is typed starts a search
  useEffect(() => {
    if (typed.trim() === words) return;
    const timer = setTimeout(() => search(typed.trim()), TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed]);

  return (
    <search className="filters">
      <div className="filters-top">
        <label className="search-field">
          <Search size={16} aria-hidden="true" />
          <span className="sr">{label}</span>
          <input
            ref={searchField}
            type="search"
            className="input"
            placeholder="Search"
            maxLength={200}
            value={typed}
            onChange={({ target }) => setTyped(target.value)}
            onKeyDown={(event) => {
              if (event.key === "Enter") search(typed.trim());
              if (event.key !== "Escape") return;
              setTyped("");
              search("");
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
        {children}
        {active > 0 && (
          <Button look="quiet" onPress={onClear}>
            <X size={15} aria-hidden="true" /> Clear filters
          </Button>
        )}
      </div>
    </search>
  );
}
