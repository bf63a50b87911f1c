import { Ban, CircleCheck, CirclePlay, Undo2 } from "lucide-react";
import { Button } from "../ui/button.tsx";
import type { Status } from "./search.ts";

/** What can be done next, the usual first. */
export function StatusButtons(props: { status: Status; onChange: (to: Status) => void }) {
  const { status, onChange } = props;
  if (status === "CANCELLED") {
    return (
      <Button look="primary" onPress={() => onChange("NEW")}>
        <Undo2 size={16} aria-hidden="true" /> Not spam, back to inbox
      </Button>
    );
  }
  return (
    <>
      {status === "NEW" && (
        <Button look="primary" onPress={() => onChange("IN_PROGRESS")}>
          <CirclePlay size={16} aria-hidden="true" /> Start
        </Button>
      )}
      {status !== "RESOLVED" && (
        <Button
          look={status === "IN_PROGRESS" ? "primary" : "plain"}
          onPress={() => onChange("RESOLVED")}
        >
          <CircleCheck size={16} aria-hidden="true" /> Resolve
        </Button>
      )}
      <Button look="quiet" onPress={() => onChange("CANCELLED")}>
        <Ban size={16} aria-hidden="true" /> {status === "RESOLVED" ? "Cancel" : "Spam"}
      </Button>
    </>
  );
}
