import { Check } from "lucide-react";
import { memo } from "react";
import type { Inquiry } from "../../inquiries/schema.ts";
import { isPlainClick } from "../list/plain-click.ts";
import { Time } from "../ui/time.tsx";
import { STATUS_NAMES, StatusIcon } from "./status.tsx";

interface RowProps {
  inquiry: Inquiry;
  /** What follows the path in the address, `?` included. */
  query: string;
  open: boolean;
  selected: boolean;
  onSelect: (id: string, selected: boolean) => void;
  onOpen: (id: string) => void;
}

/**
 * Plain elements: a row is made for every 76 pixels that are scrolled, and the libraries' link and
 * checkbox take several times as long to make.
 */
export const Row = memo(function Row(props: RowProps) {
  const { inquiry, query, open, selected, onSelect, onOpen } = props;
  const { id, status, name, subject, message, assignee, submittedAt, spamReasons } = inquiry;
  const classes = ["row", status, open && "open", selected && "selected"].filter(Boolean).join(" ");
  return (
    <div className={classes}>
      <label className="check">
        <input
          type="checkbox"
          className="sr"
          aria-label={`Select the inquiry of ${name}`}
          checked={selected}
          onChange={({ target }) => onSelect(id, target.checked)}
          tabIndex={open || selected ? 0 : -1}
        />
        <span className="box">
          <Check size={13} strokeWidth={3} aria-hidden="true" />
        </span>
      </label>
      <a
        href={`/inquiries/${id}${query}`}
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
          <span className="row-name" dir="auto">
            {name}
          </span>
          {inquiry.deletedAt && <span className="tag">Deleted</span>}
          <Time at={submittedAt} />
        </span>
        <span className="row-subject" dir="auto">
          {subject ?? firstLine(message)}
        </span>
        <span className="row-more">
          {spamReasons.length > 0 && <span className="tag warn">{spamReasons.join(", ")}</span>}
          {assignee && <span className="tag">{assignee}</span>}
          <span className="row-snippet" dir="auto">
            {subject ? message.slice(0, 140) : restOf(message)}
          </span>
        </span>
      </a>
    </div>
  );
});

function firstLine(message: string): string {
  return (message.split("\n", 1)[0] ?? "").slice(0, 120);
}

function restOf(message: string): string {
  return message.slice(firstLine(message).length, 260).trim();
}
