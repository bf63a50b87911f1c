import { ShieldAlert } from "lucide-react";
import type { Subscriber } from "../../subscribers/subscriber-schema.ts";
import { EntryTools } from "../list/entry-tools.tsx";
import { mailTarget } from "../list/mail-target.ts";
import { fullTime, Time } from "../ui/time.tsx";
import { languageName } from "./language-name.ts";
import { StatusBadge } from "./status.tsx";

/** Who it is, since when, and what they agreed to. */
export function Card(props: { subscriber: Subscriber; onEdit: (() => void) | undefined }) {
  const { subscriber, onEdit } = props;
  const { email, name, status, source, locale, consent, spamReasons } = subscriber;
  return (
    <article className="letter" aria-labelledby="card-title">
      <header>
        <div className="letter-tags">
          <StatusBadge status={status} />
          {subscriber.deletedAt && <span className="tag warn">In the bin</span>}
          <EntryTools email={email} onEdit={onEdit} />
        </div>
        <h2 id="card-title" dir="auto">
          {name ?? email ?? "Erased"}
        </h2>
        {email && (
          <p className="letter-from">
            <a href={`mailto:${mailTarget(email, null)}`}>{email}</a>
          </p>
        )}
        <p className="letter-when">
          {subscriber.unsubscribedAt ? "Left " : "On the list since "}
          <Time at={subscriber.unsubscribedAt ?? subscriber.subscribedAt} long />
        </p>
      </header>
      {spamReasons.length > 0 && (
        <div className="notice">
          <ShieldAlert size={17} aria-hidden="true" />
          <div>
            <strong>Taken for a robot, so not put on the list.</strong>{" "}
            {spamReasons.join(", ").replaceAll("_", " ")}
          </div>
        </div>
      )}
      <dl className="facts">
        <Fact name="Came from" value={source} />
        <Fact name="Language" value={locale && languageName(locale)} />
        <Fact name="Consent" value={consent ? fullTime(consent.at) : "None is recorded"} />
        <Fact name="To these words" value={consent?.wording} />
        <Fact name="On this page" value={consent?.page} />
      </dl>
    </article>
  );
}

function Fact({ name, value }: { name: string; value: string | null | undefined }) {
  if (!value) return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
