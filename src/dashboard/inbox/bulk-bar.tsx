import { Ban, CircleCheck, CirclePlay, Undo2, X } from "lucide-react";
import { Button, IconButton } from "../ui/button.tsx";
import type { Status, View } from "./search.ts";

export function BulkBar(props: {
  count: number;
  view: View;
  onTriage: ((to: Status) => void) | undefined;
  onClear: () => void;
}) {
  const { count, view, onTriage, onClear } = props;
  return (
    <div className="bulk" role="toolbar" aria-label="Selected inquiries">
      <strong aria-live="polite">{count} selected</strong>
      {onTriage && view !== "bin" && (
        <>
          {view === "cancelled" || view === "all" ? (
            <Button look="quiet" onPress={() => onTriage("NEW")}>
              <Undo2 size={16} aria-hidden="true" /> To inbox
            </Button>
          ) : null}
          {view !== "cancelled" && view !== "resolved" && (
            <>
              {view !== "progress" && (
                <Button look="quiet" onPress={() => onTriage("IN_PROGRESS")}>
                  <CirclePlay size={16} aria-hidden="true" /> Start
                </Button>
              )}
              <Button look="quiet" onPress={() => onTriage("RESOLVED")}>
                <CircleCheck size={16} aria-hidden="true" /> Resolve
              </Button>
            </>
          )}
          {view !== "cancelled" && (
            <Button look="quiet" onPress={() => onTriage("CANCELLED")}>
              <Ban size={16} aria-hidden="true" /> Spam
            </Button>
          )}
        </>
      )}
      <IconButton label="Clear the selection" onPress={onClear}>
        <X size={17} aria-hidden="true" />
      </IconButton>
    </div>
  );
}
