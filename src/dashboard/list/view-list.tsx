import { Link, type LinkProps } from "@tanstack/react-router";

const compact = new Intl.NumberFormat(undefined, { notation: "compact" });

export interface ViewItem {
  readonly name: string;
  readonly link: Pick<LinkProps, "to" | "search">;
  readonly isCurrent: boolean;
  readonly count: number | undefined;
}

/** The views of a list with their counts: in the rail, and as a strip above the list on phones. */
export function ViewList({
  place,
  items,
}: {
  place: "rail" | "strip";
  items: readonly ViewItem[];
}) {
  return (
    <ul className={`views ${place}`} aria-label="Views">
      {items.map(({ name, link, isCurrent, count }) => (
        <li key={name}>
          <Link
            {...link}
            className={isCurrent ? "view-link current" : "view-link"}
            aria-current={isCurrent ? "page" : undefined}
          >
            <span>{name}</span>
            {count !== undefined && count > 0 && (
              <span className="count" title={count.toLocaleString()}>
                {compact.format(count)}
              </span>
            )}
          </Link>
        </li>
      ))}
    </ul>
  );
}
