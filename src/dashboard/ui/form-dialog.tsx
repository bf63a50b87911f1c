import { CircleAlert, History, LoaderCircle } from "lucide-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { fieldErrors } from "../api/field-errors.ts";
import { type ApiProblem, adviceFor, toProblem } from "../api/problem.ts";
import { drafts } from "../session/drafts.ts";
import { signIn } from "../session/session.ts";
import { Button } from "./button.tsx";
import { Dialog } from "./dialog.tsx";
import { FieldErrors } from "./text-field.tsx";

/**
 * Fields in a dialogue. What the API refuses is said at the field it is about, and nothing that was
 * typed is lost: neither to a failure nor to a slip of the Escape key.
 * @param props.draft what the form is about: under that name it keeps what was typed over a reload
 * @param props.onSubmit saves and closes; what it throws is shown
 */
export function FormDialog(props: {
  title: string;
  action: string;
  draft: string;
  onSubmit: (text: (field: string) => string) => Promise<void>;
  onClose: () => void;
  /** What else there is to do about a problem. */
  help?: (problem: ApiProblem) => ReactNode;
  children: ReactNode;
}) {
  const { title, action, draft, onSubmit, onClose, help, children } = props;
  const form = useRef<HTMLFormElement>(null);
  const busy = useRef(false);
  const wroteAt = useRef<Element>(null);
  const [sending, setSending] = useState(false);
  const [problem, setProblem] = useState<ApiProblem>();
  const [leaving, setLeaving] = useState(false);
  const [found, setFound] = useState(false);

  useEffect(() => {
    setFound(fillIn(form.current, drafts.read(draft)));
  }, [draft]);
  useEffect(() => form.current?.querySelector<HTMLElement>("[data-autofocus]")?.focus(), []);
  useEffect(() => {
    // Into sight, too, where the form is longer than the screen.
    if (leaving) form.current?.querySelector<HTMLElement>("[data-keep]")?.focus();
  }, [leaving]);
  useEffect(() => {
    if (!problem) return;
    const field = form.current?.querySelector<HTMLElement>("[aria-invalid]");
    field?.focus();
    (field ?? form.current?.querySelector("[role=alert]"))?.scrollIntoView({ block: "center" });
  }, [problem]);

  async function submit(): Promise<void> {
    // A second click may come before the button is drawn as disabled.
    if (busy.current || !form.current) return;
    busy.current = true;
    setSending(true);
    setLeaving(false);
    setProblem(undefined);
    const fields = new FormData(form.current);
    try {
      await onSubmit((field) => String(fields.get(field) ?? "").trim());
      drafts.drop(draft);
    } catch (error) {
      setProblem(toProblem(error));
    } finally {
      busy.current = false;
      setSending(false);
    }
  }

  function close(): void {
    // Not from the last drawing: Escape may be faster.
    if (drafts.read(draft) === "") onClose();
    else if (leaving) keepWriting();
    else {
      wroteAt.current = document.activeElement;
      setLeaving(true);
    }
  }

  function keepWriting(): void {
    setLeaving(false);
    if (wroteAt.current instanceof HTMLElement) wroteAt.current.focus();
  }

  return (
    <Dialog title={title} isOpen isDismissable={false} onClose={close}>
      <form
        ref={form}
        className="form"
        noValidate
        onInput={() => {
          setLeaving(false);
          drafts.write(draft, whatWasTyped(form.current));
        }}
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
          event.preventDefault();
          void submit();
        }}
      >
        {found && (
          <p className="notice" role="status">
            <History size={17} aria-hidden="true" />
            <span>What you typed before and did not save is here again.</span>
          </p>
        )}
        <FieldErrors value={problem ? fieldErrors(problem) : {}}>{children}</FieldErrors>
        {problem && <ProblemNotice problem={problem}>{help?.(problem)}</ProblemNotice>}
        {leaving ? (
          <div className="actions" role="alert">
            <strong className="push">Discard what you typed?</strong>
            <Button data-keep onPress={keepWriting}>
              Keep writing
            </Button>
            <Button
              look="danger"
              onPress={() => {
                drafts.drop(draft);
                onClose();
              }}
            >
              Discard
            </Button>
          </div>
        ) : (
          <div className="actions">
            <Button onPress={close}>Cancel</Button>
            <Button look="primary" type="submit" isDisabled={sending}>
              {sending && <LoaderCircle size={16} className="spin" aria-hidden="true" />}
              {action}
            </Button>
          </div>
        )}
      </form>
    </Dialog>
  );
}

/** What went wrong, and what to do about it; each field says its own part itself. */
export function ProblemNotice(props: { problem: ApiProblem; children?: ReactNode }) {
  const { problem, children } = props;
  return (
    <div className="notice error" role="alert">
      <CircleAlert size={17} aria-hidden="true" />
      <div>
        <strong>{problem.title}.</strong>{" "}
        {problem.code !== "validation_failed" && adviceFor(problem)}
        {problem.code === "unauthenticated" && (
          <p>
            <Button onPress={() => void signIn()}>Sign in again</Button>
          </p>
        )}
        {children}
      </div>
    </div>
  );
}

type TextElement = HTMLInputElement | HTMLTextAreaElement;

function textFieldsOf(form: HTMLFormElement | null): readonly TextElement[] {
  return [...(form?.querySelectorAll<TextElement>("input[name], textarea[name]") ?? [])];
}

/** Only what differs: the rest is to be as it is when the form is opened again. */
function whatWasTyped(form: HTMLFormElement | null): string {
  const fields = textFieldsOf(form).filter(({ value, defaultValue }) => value !== defaultValue);
  if (fields.length === 0) return "";
  return JSON.stringify(Object.fromEntries(fields.map(({ name, value }) => [name, value])));
}

/** @returns whether there was something to fill in */
function fillIn(form: HTMLFormElement | null, draft: string): boolean {
  if (draft === "") return false;
  const typed = JSON.parse(draft) as Readonly<Record<string, string>>;
  for (const field of textFieldsOf(form)) field.value = typed[field.name] ?? field.value;
  return true;
}
