import type { ReactNode } from "react";
import { Time } from "../ui/time.tsx";

/** One line of who did what and when. @param props.mark stands for an entry that holds more than that */
export function TrailEntry(props: {
  at: string;
  children: ReactNode;
  mark?: ReactNode;
  more?: ReactNode;
}) {
  const { at, children, mark, more } = props;
  return (
    <li className={mark ? "entry note" : "entry"}>
      <span className="entry-dot" aria-hidden="true">
        {mark}
      </span>
      <div>
        <p>
          {children}
          <Time at={at} />
        </p>
        {more}
      </div>
    </li>
  );
}
