import type { SubscriberActivityEntry } from "../../subscribers/desk-schema.ts";
import { TrailEntry } from "../list/trail-entry.tsx";
import { Bones, Failure } from "../ui/states.tsx";
import { useTrail } from "./queries.ts";

const DONE: Readonly<Partial<Record<SubscriberActivityEntry["kind"], string>>> = {
  create: "entered them",
  join: "put them on the list",
  leave: "took them off the list",
  delete: "moved them to the bin",
  restore: "restored them",
  report: "put them into a report on personal data",
  erase: "erased what was personal",
};

/** When somebody joined and left, and who changed what, newest first. */
export function Trail({ id, inBin }: { id: string; inBin: boolean }) {
  const trail = useTrail(id, inBin);
  return (
    <section className="trail" aria-labelledby="trail-title">
      <h3 id="trail-title">What happened</h3>
      {trail.isPending && <Bones lines={[50, 40]} />}
      {trail.isError && <Failure error={trail.error} onRetry={() => void trail.refetch()} />}
      {trail.data && (
        <ol>
          {trail.data.data.map((entry) => (
            <TrailEntry key={entry.id} at={entry.createdAt}>
              {sayWhat(entry)}
            </TrailEntry>
          ))}
        </ol>
      )}
    </section>
  );
}

function sayWhat({ kind, actor, changes = {}, source }: SubscriberActivityEntry) {
  if (actor === null) {
    if (kind === "join") return <>Signed up{source ? `, from ${source}` : ""}</>;
    if (kind === "leave") return <>Unsubscribed by themselves</>;
    if (kind === "create") return <>Arrived</>;
  }
  const fields = Object.keys(changes).filter((field) => field !== "spamReasons");
  const what =
    DONE[kind] ?? (fields.length > 0 ? `changed ${fields.join(" and ")}` : "changed them");
  return (
    <>
      <strong>{actor ?? "Somebody"}</strong> {what}
    </>
  );
}
