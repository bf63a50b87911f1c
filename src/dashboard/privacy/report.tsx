import { Link } from "@tanstack/react-router";
import { Download, Eraser, MailX } from "lucide-react";
import type { PrivacyReport } from "../../privacy/schema.ts";
import { saveBlob } from "../transfer/save-file.ts";
import { Button } from "../ui/button.tsx";
import { fullTime, Time } from "../ui/time.tsx";
import { sayHeld } from "./say-held.ts";

export function Report(props: { report: PrivacyReport; onErase: (() => void) | undefined }) {
  const { report, onErase } = props;
  const { email, reportedAt, suppressed, mentionedIn, data } = report;
  const kinds = Object.entries(data).filter(([, held]) => held.length > 0);
  const nothing = kinds.length === 0;
  return (
    <section className="card" aria-labelledby="report-title">
      <div className="card-head">
        <div>
          <h2 id="report-title" className="any-break">
            {email}
          </h2>
          <p>As of {fullTime(reportedAt)}</p>
        </div>
        <Button onPress={() => save(report)}>
          <Download size={16} aria-hidden="true" /> Report
          <span className="sr">as a JSON file</span>
        </Button>
      </div>
      {suppressed && (
        <p className="notice">
          <MailX size={17} aria-hidden="true" />
          <span>This address was erased before. No import brings it back.</span>
        </p>
      )}
      {nothing ? (
        <p className="quiet-text spaced">Nothing is held about this address.</p>
      ) : (
        kinds.map(([kind, held]) => (
          <div key={kind} className="held">
            <h3>{sayHeld(kind, held.length)}</h3>
            {held.map((each, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a report does not change
              <Held key={index} held={each} />
            ))}
          </div>
        ))
      )}
      {mentionedIn.length > 0 && (
        <div className="held">
          <h3>Named by others</h3>
          <p className="quiet-text">
            Their texts name this address. No erasure touches them: read them, and edit what has to
            go.
          </p>
          <ul>
            {mentionedIn.map((id) => (
              <li key={id}>
                <Link to="/inquiries/$id" params={{ id }} search={{ view: "all" }}>
                  Inquiry {id}
                </Link>
              </li>
            ))}
          </ul>
        </div>
      )}
      {onErase && !nothing && (
        <div className="card-foot">
          <p className="quiet-text">
            If they ask to be forgotten, everything above goes. Counts in the statistics stay.
          </p>
          <Button look="danger" onPress={onErase}>
            <Eraser size={16} aria-hidden="true" /> Erase …
          </Button>
        </div>
      )}
    </section>
  );
}

/** A thing that is held, as it is stored; its first line is what tells it from the others. */
function Held({ held }: { held: unknown }) {
  const row = (held ?? {}) as Readonly<Record<string, unknown>>;
  const title = [row["subject"], row["message"], row["email"], row["kind"]].find(
    (text) => typeof text === "string" && text !== "",
  ) as string | undefined;
  const when = row["submitted_at"] ?? row["created_at"];
  return (
    <details className="held-thing">
      <summary>
        <span className="held-title">{title?.split("\n", 1)[0] ?? "Entry"}</span>
        {typeof when === "string" && <Time at={when} />}
      </summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard */}
      <pre className="payload" tabIndex={0}>
        {JSON.stringify(held, undefined, 2)}
      </pre>
    </details>
  );
}

function save(report: PrivacyReport): void {
  const json = JSON.stringify(report, undefined, 2);
  const blob = new Blob([json], { type: "application/json" });
  // Without the address: file names are seen by many.
  saveBlob(blob, `personal-data-${report.reportedAt.slice(0, 10)}.json`);
}
