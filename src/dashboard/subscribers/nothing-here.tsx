import { Link } from "@tanstack/react-router";
import { SearchX, Users } from "lucide-react";
import { Blank } from "../ui/states.tsx";
import type { SubscriberSearch } from "./search.ts";

const TEXTS = {
  active: ["Nobody is on the list yet", "Put the sign-up form on your site: see Forms."],
  left: ["Nobody has left", "Who unsubscribes is kept here, and gets no mail."],
  all: ["No subscribers yet", "Put the sign-up form on your site: see Forms."],
  bin: ["The bin is empty", "Whom you delete can be restored from here."],
} as const;

/** An empty list: why it is, and what would change that. */
export function NothingHere({ search }: { search: SubscriberSearch }) {
  const { view = "active", q, source, from, to } = search;
  if (q ?? source ?? from ?? to) {
    return (
      <Blank
        icon={SearchX}
        title="Nobody matches"
        action={
          q !== undefined &&
          view !== "all" && (
            <Link to="/subscribers" search={{ view: "all", q }} className="button">
              Search all subscribers
            </Link>
          )
        }
      >
        Try fewer words, or take a filter away.
      </Blank>
    );
  }
  const [title, text] = TEXTS[view];
  return (
    <Blank icon={Users} title={title}>
      {text}
    </Blank>
  );
}
