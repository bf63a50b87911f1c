import { Link } from "@tanstack/react-router";
import { Pencil, ShieldAlert, ShieldUser } from "lucide-react";
import type { Subscriber } from "../../subscribers/subscriber-schema.ts";
import { useMay } from "../session/me.ts";
import { IconButton } from "../ui/button.tsx";
import { fullTime, Time } from "../ui/time.tsx";
import { languageName } from "./language-name.ts";
import { StatusBadge } from "./status.tsx";

/** Who it is, since when, and what they agreed to. */
export function Card(props: { subscriber: Subscriber; onEdit: (() => void) | undefined }) {
  const { subscriber, onEdit } = props;
  const { email, name, status, source, locale, consent, spamReasons } = subscriber;
  const may = useMay();
  return (
    <article className="letter" aria-labelledby="card-title">
      <header>
        <div className="letter-tags">
          <StatusBadge status={status} />
          {subscriber.deletedAt && <span className="tag warn">In the bin</span>}
          <span className="letter-tools">
            {onEdit && (
              <IconButton label="Edit details" onPress={onEdit}>
                <Pencil size={16} aria-hidden="true" />
              </IconButton>
            )}
            {email && may("privacy", "report") && (
              <Link
                to="/privacy"
                state={{ email }}
                className="button quiet icon"
                aria-label={`What is held about ${email}`}
                title="Personal data"
              >
                <ShieldUser size={17} aria-hidden="true" />
              </Link>
            )}
          </span>
        </div>
        <h2 id="card-title">{name ?? email ?? "Erased"}</h2>
        {email && (
          <p className="letter-from">
            <a href={`mailto:${encodeURIComponent(email).replaceAll("%40", "@")}`}>{email}</a>
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
