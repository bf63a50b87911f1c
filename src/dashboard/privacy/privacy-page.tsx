import { useMutation } from "@tanstack/react-query";
import { useRouterState } from "@tanstack/react-router";
import { CircleCheck, Search, ShieldUser } from "lucide-react";
import { useEffect, useState } from "react";
import type { PrivacyErasure } from "../../privacy/schema.ts";
import { answerOf, api } from "../api/client.ts";
import { fieldErrors } from "../api/field-errors.ts";
import { toProblem } from "../api/problem.ts";
import { queryClient } from "../api/query-client.ts";
import { useMay } from "../session/me.ts";
import { Button } from "../ui/button.tsx";
import { laterDialog } from "../ui/later.tsx";
import { Blank, Bones, Failure } from "../ui/states.tsx";
import { FieldErrors, TextField } from "../ui/text-field.tsx";
import { Report } from "./report.tsx";
import { sayHeld } from "./say-held.ts";

const EraseDialog = laterDialog(
  async () => (await import("./erase-dialog.tsx")).EraseDialog,
  (props) => props.onClose(),
);

declare module "@tanstack/react-router" {
  interface HistoryState {
    /** Whom to look up. Not in the address: addresses end up in logs. */
    email?: string;
  }
}

/** What is held about a person, for when they ask, and its erasure, for when they ask for that. */
export function PrivacyPage() {
  const may = useMay();
  const asked = useRouterState({ select: ({ location }) => location.state.email });
  const [doomed, setDoomed] = useState<string>();
  const [erasure, setErasure] = useState<PrivacyErasure>();
  useEffect(() => {
    document.title = "Personal data · Outreach";
  }, []);
  const report = useMutation({
    mutationFn: (email: string) => answerOf(api.privacy.report.$post({ json: { email } })),
    onMutate: () => setErasure(undefined),
  });
  const problem = report.error && toProblem(report.error);
  const mistyped = problem?.code === "validation_failed" ? fieldErrors(problem) : {};
  return (
    <div className="page">
      <div className="page-head">
        <div>
          <h1>Personal data</h1>
          <p>What is held about one e-mail address. Every look at it leaves a trace.</p>
        </div>
      </div>
      <form
        className="lookup"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          const email = new FormData(event.currentTarget).get("email");
          report.mutate(String(email).trim());
        }}
      >
        <FieldErrors value={mistyped}>
          <TextField
            key={asked}
            name="email"
            label="E-mail address"
            type="email"
            defaultValue={asked ?? ""}
          />
        </FieldErrors>
        <Button look="primary" type="submit" isDisabled={report.isPending}>
          <Search size={16} aria-hidden="true" /> Look up
        </Button>
      </form>
      <div className="cards" aria-busy={report.isPending}>
        {report.isPending && <Bones lines={[35, 80, 70]} />}
        {problem && problem.code !== "validation_failed" && (
          <Failure error={problem} onRetry={() => report.mutate(report.variables)} />
        )}
        <div role="status">
          {erasure && (
            <p className="notice good">
              <CircleCheck size={17} aria-hidden="true" />
              <span>Erased: {sayCounts(erasure.erased)}. The address is on no list any more.</span>
            </p>
          )}
        </div>
        {report.isIdle && !erasure && (
          <Blank icon={ShieldUser} title="When somebody asks what you know about them">
            Look up their address. The report can be saved and sent to them, and everything in it
            can be erased if they ask for that.
          </Blank>
        )}
        {report.data && (
          <Report
            report={report.data}
            onErase={may("privacy", "erase") ? () => setDoomed(report.data.email) : undefined}
          />
        )}
      </div>
      {doomed !== undefined && (
        <EraseDialog
          email={doomed}
          onClose={() => setDoomed(undefined)}
          onErased={(done) => {
            setDoomed(undefined);
            report.reset();
            setErasure(done);
            void queryClient.invalidateQueries();
          }}
        />
      )}
    </div>
  );
}

function sayCounts(erased: PrivacyErasure["erased"]): string {
  const found = Object.entries(erased).filter(([, count]) => count > 0);
  return found.map(([kind, count]) => sayHeld(kind, count)).join(", ") || "nothing was held";
}
