import { useQuery } from "@tanstack/react-query";
import { Trash2, Undo2, UserMinus, UserPlus, UserRound } from "lucide-react";
import type { Subscriber } from "../../subscribers/subscriber-schema.ts";
import { BackButton } from "../list/back-button.tsx";
import { useMay } from "../session/me.ts";
import { Button, IconButton } from "../ui/button.tsx";
import { Blank, Bones, Failure } from "../ui/states.tsx";
import { Card } from "./card.tsx";
import { subscriberQuery } from "./queries.ts";
import { Trail } from "./trail.tsx";
import type { SubscriberActions } from "./use-subscribers.ts";

export interface DetailPaneProps {
  id: string | undefined;
  inBin: boolean;
  actions: SubscriberActions;
  /** What changes them; absent where it may not be done. */
  onEdit: (() => void) | undefined;
  onUnsubscribe: (() => void) | undefined;
  onPutBack: (() => void) | undefined;
  onClose: () => void;
}

export function DetailPane(props: DetailPaneProps) {
  const { id, inBin, onClose } = props;
  const query = useQuery({ ...subscriberQuery(id ?? "", inBin), enabled: id !== undefined });
  if (id === undefined) {
    return (
      <Blank icon={UserRound} title="Nobody open">
        Choose somebody to see what they agreed to, or press <kbd className="kbd">j</kbd> for the
        first.
      </Blank>
    );
  }
  if (query.data) return <Detail {...props} subscriber={query.data} />;
  return (
    <>
      <div className="detail-bar">
        <BackButton onClose={onClose} />
      </div>
      {query.isError ? (
        <Failure error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <div className="detail-body" aria-busy="true">
          <Bones lines={[22, 60, 40, 70, 55]} />
        </div>
      )}
    </>
  );
}

function Detail(props: DetailPaneProps & { subscriber: Subscriber }) {
  const { subscriber, actions, onEdit, onUnsubscribe, onPutBack, onClose } = props;
  const may = useMay();
  const binned = props.inBin || subscriber.deletedAt !== null;
  const erased = subscriber.email === null;
  return (
    <>
      <div className="detail-bar" role="toolbar" aria-label="Actions">
        <BackButton onClose={onClose} />
        {binned
          ? may("subscriber", "delete") &&
            !erased && (
              <Button look="primary" onPress={() => void actions.bringBack(subscriber.id)}>
                <Undo2 size={16} aria-hidden="true" /> Restore
              </Button>
            )
          : !erased && (
              <>
                {subscriber.status === "ACTIVE"
                  ? onUnsubscribe && (
                      <Button onPress={onUnsubscribe}>
                        <UserMinus size={16} aria-hidden="true" /> Unsubscribe
                      </Button>
                    )
                  : onPutBack && (
                      <Button look="primary" onPress={onPutBack}>
                        <UserPlus size={16} aria-hidden="true" /> Put back on the list
                      </Button>
                    )}
                <span className="push" />
                {may("subscriber", "delete") && (
                  <IconButton label="Delete" onPress={() => void actions.remove(subscriber.id)}>
                    <Trash2 size={17} aria-hidden="true" />
                  </IconButton>
                )}
              </>
            )}
      </div>
      <div className="detail-body">
        <Card subscriber={subscriber} onEdit={binned || erased ? undefined : onEdit} />
        <Trail id={subscriber.id} inBin={binned} />
      </div>
    </>
  );
}
