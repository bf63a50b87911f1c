import { useQuery } from "@tanstack/react-query";
import { MailOpen, Trash2, Undo2, UserCheck, UserMinus, UserPlus } from "lucide-react";
import type { Inquiry } from "../../inquiries/schema.ts";
import { BackButton } from "../list/back-button.tsx";
import { useMay, useMe } from "../session/me.ts";
import { Button, IconButton } from "../ui/button.tsx";
import { Blank, Bones, Failure } from "../ui/states.tsx";
import { toastProblem } from "../ui/toasts.tsx";
import { Letter } from "./letter.tsx";
import { inquiryQuery } from "./queries.ts";
import { StatusButtons } from "./status-buttons.tsx";
import { Trail } from "./trail.tsx";
import type { Actions } from "./use-actions.ts";

export interface DetailPaneProps {
  id: string | undefined;
  inBin: boolean;
  actions: Actions;
  mayTriage: boolean;
  /** Absent when it may not be edited. */
  onEdit: (() => void) | undefined;
  onClose: () => void;
}

export function DetailPane(props: DetailPaneProps) {
  const { id, inBin } = props;
  const query = useQuery({ ...inquiryQuery(id ?? "", inBin), enabled: id !== undefined });
  if (id === undefined) {
    return (
      <Blank icon={MailOpen} title="Nothing open">
        Choose an inquiry to read it, or press <kbd className="kbd">j</kbd> for the first.
      </Blank>
    );
  }
  if (query.data) return <Detail {...props} inquiry={query.data} />;
  return (
    <>
      <div className="detail-bar">
        <BackButton onClose={props.onClose} />
      </div>
      {query.isError ? (
        <Failure error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <div className="detail-body" aria-busy="true">
          <Bones lines={[22, 60, 40, 96, 92, 95, 70]} />
        </div>
      )}
    </>
  );
}

function Detail(props: DetailPaneProps & Shown) {
  const { inquiry, inBin, actions, mayTriage, onEdit, onClose } = props;
  const may = useMay();
  const binned = inBin || inquiry.deletedAt !== null;
  return (
    <>
      <div className="detail-bar" role="toolbar" aria-label="Actions">
        <BackButton onClose={onClose} />
        {binned ? (
          may("inquiry", "delete") && (
            <Button look="primary" onPress={() => void actions.bringBack(inquiry.id)}>
              <Undo2 size={16} aria-hidden="true" /> Restore
            </Button>
          )
        ) : (
          <>
            {mayTriage && (
              <StatusButtons
                status={inquiry.status}
                onChange={(to) => actions.triage([inquiry], to)}
              />
            )}
            <span className="push" />
            {may("inquiry", "update") && <AssignButton inquiry={inquiry} actions={actions} />}
            {may("inquiry", "delete") && (
              <IconButton label="Delete" onPress={() => void actions.remove(inquiry.id)}>
                <Trash2 size={17} aria-hidden="true" />
              </IconButton>
            )}
          </>
        )}
      </div>
      <div className="detail-body">
        <Letter inquiry={inquiry} onEdit={binned ? undefined : onEdit} />
        <Trail inquiry={inquiry} deleted={binned} mayWrite={!binned && may("inquiry", "update")} />
      </div>
    </>
  );
}

interface Shown {
  inquiry: Inquiry;
}

function AssignButton({ inquiry, actions }: Shown & { actions: Actions }) {
  const { data: me } = useMe();
  const mine = me !== undefined && inquiry.assignee === me.subject;
  const Icon = mine ? UserMinus : inquiry.assignee ? UserCheck : UserPlus;
  return (
    <Button
      look="quiet"
      onPress={() => {
        actions
          .edit(inquiry, { assignee: mine ? null : (me?.subject ?? null) })
          .catch((error) => toastProblem("Nobody was assigned", error));
      }}
    >
      <Icon size={17} aria-hidden="true" />
      <span className="from-medium">{mine ? "Unassign me" : "Assign to me"}</span>
    </Button>
  );
}
