import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { answerOf, api } from "../api/client.ts";
import { throwProblem } from "../api/problem.ts";
import { queryClient } from "../api/query-client.ts";
import { useMay } from "../session/me.ts";
import { Button } from "../ui/button.tsx";
import { laterDialog } from "../ui/later.tsx";
import { Bones, Failure } from "../ui/states.tsx";
import { Time } from "../ui/time.tsx";
import { toast, toastProblem } from "../ui/toasts.tsx";

const ConfirmDialog = laterDialog(
  async () => (await import("../ui/confirm-dialog.tsx")).ConfirmDialog,
  (props) => props.onCancel(),
);

const KEY = ["set-aside"] as const;

/** Writes that were accepted and that the database refuses: somebody has to look at them. */
export function SetAside() {
  const may = useMay();
  const [doomed, setDoomed] = useState<string>();
  const rows = useQuery({
    queryKey: KEY,
    queryFn: () => answerOf(api.spool["set-aside"].$get({ query: { limit: 50 } })),
  });
  const settle = useMutation({
    mutationFn: async ({ id, how }: { id: string; how: "retry" | "discard" }) => {
      const route = api.spool["set-aside"][":id"];
      const param = { id };
      const answer = await (how === "retry"
        ? route.retry.$post({ param })
        : route.$delete({ param }));
      if (!answer.ok) await throwProblem(answer as unknown as Response);
    },
    onSuccess: (_, { how }) => {
      toast({ text: how === "retry" ? "Back in line" : "Discarded" });
      void queryClient.invalidateQueries({ queryKey: KEY });
    },
    onError: (error) => toastProblem("Nothing was changed", error),
  });
  return (
    <section className="card" aria-labelledby="aside-title">
      <div className="card-head">
        <div>
          <h2 id="aside-title">Set aside</h2>
          <p>Messages that were accepted and that the database refuses to take.</p>
        </div>
      </div>
      {rows.isPending && <Bones lines={[70, 50]} />}
      {rows.isError && <Failure error={rows.error} onRetry={() => void rows.refetch()} />}
      {rows.data?.data.length === 0 && (
        <p className="quiet-text">There are none, as it should be.</p>
      )}
      <ul>
        {rows.data?.data.map(({ id, command, reason, acceptedAt, payload }) => (
          <li key={id} className="aside-row">
            <div>
              <strong>{command}</strong> <span className="tag warn">{reason}</span>{" "}
              <span className="quiet-text">
                accepted <Time at={acceptedAt} />
              </span>
              <details>
                <summary>What it holds</summary>
                <pre className="payload">{JSON.stringify(payload, undefined, 2)}</pre>
              </details>
            </div>
            <div className="page-actions">
              {may("spool", "retry") && (
                <Button
                  isDisabled={settle.isPending}
                  onPress={() => settle.mutate({ id, how: "retry" })}
                >
                  Try again
                </Button>
              )}
              {may("spool", "discard") && (
                <Button look="quiet" isDisabled={settle.isPending} onPress={() => setDoomed(id)}>
                  Discard
                </Button>
              )}
            </div>
          </li>
        ))}
      </ul>
      {doomed && (
        <ConfirmDialog
          title="Discard this message?"
          action="Discard for good"
          onCancel={() => setDoomed(undefined)}
          onConfirm={() => {
            settle.mutate({ id: doomed, how: "discard" });
            setDoomed(undefined);
          }}
        >
          A visitor was told that it had been accepted. Once discarded it is gone, and nobody can
          bring it back.
        </ConfirmDialog>
      )}
    </section>
  );
}
