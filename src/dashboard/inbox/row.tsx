import { Link } from "@tanstack/react-router";
import { memo } from "react";
import type { Inquiry } from "../../inquiries/schema.ts";
import { Checkbox } from "../ui/checkbox.tsx";
import { Time } from "../ui/time.tsx";
import { STATUS_NAMES, StatusIcon } from "./status.tsx";

/** Every row is as high as every other, so that a list of any length knows where it is. */
export const ROW_HEIGHT = 76;

interface RowProps {
  inquiry: Inquiry;
  open: boolean;
  selected: boolean;
  onSelect: (id: string, selected: boolean) => void;
}

export const Row = memo(function Row({ inquiry, open, selected, onSelect }: RowProps) {
  const { id, status, name, subject, message, assignee, submittedAt, spamReasons } = inquiry;
  const classes = ["row", status, open && "open", selected && "selected"].filter(Boolean).join(" ");
  return (
    <div className={classes}>
      <Checkbox
        aria-label={`Select the inquiry of ${name}`}
        isSelected={selected}
        onChange={(value) => onSelect(id, value)}
        excludeFromTabOrder={!open && !selected}
      />
      <Link
        to="/inquiries/$id"
        params={{ id }}
        search={(old) => old}
        className="row-link"
        data-row={id}
        preload={false}
        aria-current={open ? "true" : undefined}
      >
        <span className="row-top">
          <span className={`row-status ${status}`}>
            <StatusIcon status={status} size={11} />
            <span className="sr">{STATUS_NAMES[status]}: </span>
          </span>
          <span className="row-name">{name}</span>
          {inquiry.deletedAt && <span className="tag">Deleted</span>}
          <Time at={submittedAt} />
        </span>
        <span className="row-subject">{subject ?? firstLine(message)}</span>
        <span className="row-more">
          {spamReasons.length > 0 && <span className="tag warn">{spamReasons.join(", ")}</span>}
          {assignee && <span className="tag">{assignee}</span>}
          <span className="row-snippet">{subject ? message.slice(0, 140) : restOf(message)}</span>
        </span>
      </Link>
    </div>
  );
});

function firstLine(message: string): string {
  return (message.split("\n", 1)[0] ?? "").slice(0, 120);
}

function restOf(message: string): string {
  return message.slice(firstLine(message).length, 260).trim();
}
