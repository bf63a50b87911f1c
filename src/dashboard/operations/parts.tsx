import { CircleAlert, CircleCheck, CircleX, type LucideIcon } from "lucide-react";
import type { Readiness } from "./readiness.ts";

const LOOKS: Readonly<Record<string, readonly [name: string, icon: LucideIcon]>> = {
  up: ["Up", CircleCheck],
  degraded: ["Degraded", CircleAlert],
  down: ["Down", CircleX],
};

const OVERALL: Readonly<Record<string, readonly [look: string, text: string]>> = {
  ready: ["up", "Everything is working."],
  degraded: ["degraded", "Writes are safe. Something needs a look."],
  unavailable: ["down", "Writes cannot be stored right now."],
};

/** What the service leans on, each with how it is and how long it took to say so. */
export function Parts({ readiness }: { readiness: Readiness }) {
  const [look, text] = OVERALL[readiness.status] ?? ["degraded", readiness.status];
  return (
    <>
      <div className="card-head">
        <p className="overall" role="status">
          <State state={look} /> <strong>{text}</strong>
        </p>
      </div>
      <ul className="parts">
        {Object.entries(readiness.parts).map(([name, { state, milliseconds, detail }]) => (
          <li key={name} className="part">
            <strong>{name.charAt(0).toUpperCase() + name.slice(1)}</strong>
            <State state={state} />
            <span>
              {Math.round(milliseconds)} ms{detail ? ` · ${detail}` : ""}
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}

function State({ state }: { state: string }) {
  const [name, Icon] = LOOKS[state] ?? [state, CircleAlert];
  return (
    <span className={`status ${state}`}>
      <Icon size={13} strokeWidth={2.5} aria-hidden="true" />
      {name}
    </span>
  );
}
