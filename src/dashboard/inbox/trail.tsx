import { useMutation } from "@tanstack/react-query";
import { PenLine, StickyNote } from "lucide-react";
import type { ActivityEntry } from "../../inquiries/desk-schema.ts";
import type { Inquiry } from "../../inquiries/schema.ts";
import { answerOf, api } from "../api/client.ts";
import { queryClient } from "../api/query-client.ts";
import { TrailEntry } from "../list/trail-entry.tsx";
import { drafts, useDraft } from "../session/drafts.ts";
import { Button } from "../ui/button.tsx";
import { Bones, Failure } from "../ui/states.tsx";
import { toastProblem } from "../ui/toasts.tsx";
import { activityKey, useActivity } from "./queries.ts";
import { STATUS_NAMES } from "./status.tsx";

const NOTE_MAX = 5_000;

/** Who did what, newest first, and a place to write. */
export function Trail(props: { inquiry: Inquiry; deleted: boolean; mayWrite: boolean }) {
  const { inquiry, deleted, mayWrite } = props;
  const activity = useActivity(inquiry.id, deleted);
  return (
    <section className="trail" aria-labelledby="trail-title">
      <h3 id="trail-title">Notes and activity</h3>
      {mayWrite && <NoteForm inquiryId={inquiry.id} />}
      {activity.isPending && <Bones lines={[50, 40]} />}
      {activity.isError && (
        <Failure error={activity.error} onRetry={() => void activity.refetch()} />
      )}
      {activity.data && (
        <ol>
          {activity.data.data.map((entry) => (
            <Entry key={entry.id} entry={entry} />
          ))}
          <TrailEntry at={inquiry.createdAt}>
            {inquiry.createdBy ? (
              <>
                <strong>{inquiry.createdBy}</strong> entered it
              </>
            ) : (
              <>Arrived{inquiry.source ? ` from ${inquiry.source}` : ""}</>
            )}
          </TrailEntry>
        </ol>
      )}
    </section>
  );
}

function Entry({ entry }: { entry: ActivityEntry }) {
  return (
    <TrailEntry
      at={entry.createdAt}
      mark={entry.kind === "note" && <StickyNote size={13} />}
      more={
        entry.note !== undefined && (
          <div className="note-text" dir="auto">
            {entry.note}
          </div>
        )
      }
    >
      <strong>{entry.actor ?? "Somebody"}</strong> {sayWhat(entry)}
    </TrailEntry>
  );
}

function sayWhat({ kind, changes = {} }: ActivityEntry): string {
  if (kind === "note") return "wrote a note";
  if (kind === "delete") return "moved it to the bin";
  if (kind === "restore") return "restored it";
  if (kind === "report") return "put it into a report on personal data";
  if (kind === "erase") return "erased what was personal in it";
  const said = Object.entries(changes)
    .filter(([field]) => field !== "spamReasons")
    .map(([field, { after }]) => {
      if (field === "status") return `set it to ${statusName(after)}`;
      if (field === "assignee") return after ? `assigned it to ${String(after)}` : "unassigned it";
      return `changed the ${field}`;
    });
  return said.length > 0 ? said.join(" and ") : "changed it";
}

function statusName(status: unknown): string {
  return STATUS_NAMES[status as keyof typeof STATUS_NAMES] ?? String(status);
}

function NoteForm({ inquiryId }: { inquiryId: string }) {
  const draftKey = `note ${inquiryId}`;
  const [text, setText] = useDraft(draftKey);
  const save = useMutation({
    mutationFn: (note: string) => {
      const headers = { "idempotency-key": drafts.idempotencyKey(draftKey, note) };
      const given = { param: { id: inquiryId }, json: { note } };
      return answerOf(api.inquiries[":id"].activity.$post(given, { headers }));
    },
    onSuccess: (_, note) => {
      // What was typed while it was on its way is the next note.
      const now = drafts.read(draftKey).trimStart();
      drafts.drop(draftKey);
      setText(now.startsWith(note) ? now.slice(note.length).trimStart() : now);
      void queryClient.invalidateQueries({ queryKey: activityKey(inquiryId) });
    },
    // What was typed stays in the field. Where only the answer was lost, saving again adds no second.
    onError: (error) => {
      toastProblem("The note was not saved", error);
      void queryClient.invalidateQueries({ queryKey: activityKey(inquiryId) });
    },
  });
  const submit = () => text.trim() && !save.isPending && save.mutate(text.trim());
  return (
    <form
      className="note-form"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <label htmlFor="note" className="sr">
        Write a note
      </label>
      <textarea
        id="note"
        className="input"
        rows={2}
        dir="auto"
        maxLength={NOTE_MAX}
        placeholder="A note for the others at the desk"
        value={text}
        onChange={({ target }) => setText(target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit();
          if (event.key === "Escape") event.currentTarget.blur();
        }}
      />
      <Button type="submit" isDisabled={!text.trim() || save.isPending}>
        <PenLine size={15} aria-hidden="true" /> {save.isPending ? "Saving …" : "Save note"}
      </Button>
    </form>
  );
}
