import { Link } from "@tanstack/react-router";
import { Inbox, SearchX } from "lucide-react";
import { Blank } from "../ui/states.tsx";
import type { InboxSearch } from "./search.ts";

/** An empty list: why it is, and what would change that. */
export function NothingHere({ search }: { search: InboxSearch }) {
  const { view = "open", q, source, assignee, from, to } = search;
  if (q ?? source ?? assignee ?? from ?? to) {
    return (
      <Blank
        icon={SearchX}
        title="Nothing matches"
        action={
          q !== undefined &&
          view !== "all" && (
            <Link to="/inquiries" search={{ view: "all", q }} className="button">
              Search all inquiries
            </Link>
          )
        }
      >
        Try fewer words, or take a filter away.
      </Blank>
    );
  }
  const texts = {
    open: ["Nothing is waiting", "New inquiries appear here the moment they arrive."],
    new: ["Nothing new", "New inquiries appear here the moment they arrive."],
    progress: ["Nobody is working on anything", "What someone starts is listed here."],
    resolved: ["Nothing has been resolved yet", "What you resolve is kept here."],
    cancelled: ["No spam", "What is recognised as spam lands here, with the reason."],
    all: ["No inquiries yet", "Put the contact form on your site: see Forms."],
    bin: ["The bin is empty", "What is deleted can be restored from here."],
  } as const;
  const [title, text] = texts[view];
  return (
    <Blank icon={Inbox} title={title}>
      {text}
    </Blank>
  );
}
