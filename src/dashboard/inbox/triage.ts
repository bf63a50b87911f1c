import type { Inquiry } from "../../inquiries/schema.ts";
import { answerOf, api } from "../api/client.ts";
import { toast, toastProblem } from "../ui/toasts.tsx";
import type { Status } from "./search.ts";
import { stepsTo } from "./steps.ts";
import { forgetUnfinished, noteUnfinished } from "./unfinished.ts";

/** For so long a change can be taken back, because it has not been sent yet. */
const UNDO_MS = 5_000;

const DONE: Readonly<Record<Status, string>> = {
  NEW: "Back in the inbox",
  IN_PROGRESS: "Started",
  RESOLVED: "Resolved",
  CANCELLED: "Moved to spam and cancelled",
};

export interface TriageOptions {
  readonly inquiries: readonly Inquiry[];
  readonly to: Status;
  /** Shows the change before it is sent. @returns takes that back, for all or for some */
  readonly show: (changed: readonly Inquiry[]) => (ids?: ReadonlySet<string>) => void;
  /** What the API made of it. */
  readonly onChanged: (id: string, now: { status: Status; version: number }) => void;
  /** Once more, on what the inquiries are by then. */
  readonly onRetry: (inquiries: readonly Inquiry[], to: Status) => void;
  /** Somebody else was faster: shown when one inquiry was meant. */
  readonly onConflict: (inquiry: Inquiry, to: Status) => void;
}

interface Pending {
  readonly send: (keepalive: boolean) => Promise<void>;
  readonly timer: ReturnType<typeof setTimeout>;
}

let pending: Pending | undefined;

/** Sends what waits for its undo to run out. */
export function flushTriage(options: { keepalive?: boolean } = {}): Promise<void> {
  const waiting = pending;
  pending = undefined;
  if (!waiting) return Promise.resolve();
  clearTimeout(waiting.timer);
  return waiting.send(options.keepalive ?? false);
}

addEventListener("pagehide", () => void flushTriage({ keepalive: true }));
// A phone that puts the page away may never wake it up again, and says nothing more.
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") void flushTriage({ keepalive: true });
});

/**
 * Changes the status of one or many, with a while to take it back. The status machine has no way
 * back from most changes, so undo means that nothing was sent.
 */
export function triage(options: TriageOptions): void {
  const { inquiries, to, show } = options;
  const able = inquiries.filter((inquiry) => (stepsTo(inquiry.status, to)?.length ?? 0) > 0);
  if (able.length === 0) {
    toast({
      text: inquiries.length > 1 ? "None of these can become that" : "It cannot become that",
    });
    return;
  }
  void flushTriage();
  const takeBack = show(able.map((inquiry) => ({ ...inquiry, status: to })));
  const dismiss = toast({
    text: able.length === 1 ? DONE[to] : `${DONE[to]}: ${able.length}`,
    milliseconds: UNDO_MS,
    action: {
      label: "Undo",
      run: undo,
    },
  });
  const send = async (keepalive: boolean) => {
    dismiss();
    noteUnfinished(able, to);
    const [only] = able;
    if (able.length === 1 && only) await sendOne(only, options, keepalive, takeBack);
    else await sendMany(able, options, keepalive, takeBack);
    forgetUnfinished();
  };
  pending = { send, timer: setTimeout(() => void flushTriage(), UNDO_MS) };

  function undo(): void {
    if (pending?.send !== send) return;
    clearTimeout(pending.timer);
    pending = undefined;
    takeBack();
    dismiss();
  }
  undoLast = undo;
}

let undoLast: () => void = () => undefined;

/** Takes the last change back, if it has not been sent. */
export function undoTriage(): void {
  undoLast();
}

function sayFailed(error: unknown, options: TriageOptions): void {
  toastProblem("The change was not made", error, {
    label: "Try again",
    run: () => options.onRetry(options.inquiries, options.to),
  });
}

async function sendOne(
  inquiry: Inquiry,
  options: TriageOptions,
  keepalive: boolean,
  takeBack: () => void,
): Promise<void> {
  const { to, onChanged, onConflict } = options;
  let { version } = inquiry;
  try {
    for (const status of stepsTo(inquiry.status, to) ?? []) {
      const now = await answerOf(
        api.inquiries[":id"].$patch(
          {
            param: { id: inquiry.id },
            header: { "if-match": `"v${version}"` },
            json: { status },
          },
          { init: { keepalive } },
        ),
      );
      version = now.version;
      onChanged(inquiry.id, { status: now.status, version });
    }
  } catch (error) {
    takeBack();
    const status = error instanceof Object && "status" in error ? error.status : 0;
    if (status === 412 || status === 409) onConflict(inquiry, to);
    else sayFailed(error, options);
  }
}

/** By as few requests as there are steps; each answers for every id. */
async function sendMany(
  inquiries: readonly Inquiry[],
  options: TriageOptions,
  keepalive: boolean,
  takeBack: (ids?: ReadonlySet<string>) => void,
): Promise<void> {
  const { to, onChanged } = options;
  const failed = new Set<string>();
  const longest = Math.max(...inquiries.map(({ status }) => stepsTo(status, to)?.length ?? 0));
  try {
    for (let round = longest; round > 0; round--) {
      const due = inquiries.filter(
        ({ id, status }) => !failed.has(id) && (stepsTo(status, to)?.length ?? 0) >= round,
      );
      const step = stepsTo(due[0]?.status ?? to, to)?.at(-round) ?? to;
      const { data } = await answerOf(
        api.inquiries.$patch(
          { json: { ids: due.map(({ id }) => id), status: step } },
          { init: { keepalive } },
        ),
      );
      for (const { id, outcome, status, version } of data) {
        if (outcome === "conflict" || outcome === "not_found") failed.add(id);
        if (status && version) onChanged(id, { status, version });
      }
    }
  } catch (error) {
    takeBack();
    sayFailed(error, options);
    return;
  }
  if (failed.size === 0) return;
  takeBack(failed);
  toast({
    text: `${failed.size} of ${inquiries.length} could not be changed: somebody else was faster`,
    bad: true,
    milliseconds: 9000,
  });
}
