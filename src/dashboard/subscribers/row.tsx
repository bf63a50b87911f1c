import { memo } from "react";
import type { Subscriber } from "../../subscribers/subscriber-schema.ts";
import { isPlainClick } from "../list/plain-click.ts";
import { Time } from "../ui/time.tsx";
import { languageName } from "./language-name.ts";
import { STATUS_NAMES, StatusIcon } from "./status.tsx";

/** Plain elements, like a row of the inbox: one is made for every 76 pixels that are scrolled. */
export const Row = memo(function Row(props: {
  subscriber: Subscriber;
  /** What follows the path in the address, `?` included. */
  query: string;
  open: boolean;
  onOpen: (id: string) => void;
}) {
  const { subscriber, query, open, onOpen } = props;
  const { id, status, email, name, source, locale, spamReasons } = subscriber;
  const { subscribedAt, unsubscribedAt } = subscriber;
  return (
    <div className={open ? "row plain open" : "row plain"}>
      <a
        href={`/subscribers/${id}${query}`}
        onClick={(event) => {
          if (!isPlainClick(event)) return;
          event.preventDefault();
          onOpen(id);
        }}
        className="row-link"
        data-row={id}
        aria-current={open ? "true" : undefined}
      >
        <span className="row-top">
          <span className={`row-status ${status}`}>
            <StatusIcon status={status} size={11} />
            <span className="sr">{STATUS_NAMES[status]}: </span>
          </span>
          <span className="row-name">{email ?? "Erased"}</span>
          {subscriber.deletedAt && <span className="tag">Deleted</span>}
          <Time at={unsubscribedAt ?? subscribedAt} />
        </span>
        <span className="row-subject" dir="auto">
          {name ?? " "}
        </span>
        <span className="row-more">
          {spamReasons.length > 0 && <span className="tag warn">{spamReasons.join(", ")}</span>}
          {source && <span className="tag">{source}</span>}
          <span className="row-snippet">
            {status === "ACTIVE" ? locale && languageName(locale) : STATUS_NAMES[status]}
          </span>
        </span>
      </a>
    </div>
  );
});
