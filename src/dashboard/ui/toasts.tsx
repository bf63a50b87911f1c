import { useSyncExternalStore } from "react";
import { adviceFor, toProblem } from "../api/problem.ts";
import { Button } from "./button.tsx";

export interface Toast {
  readonly id: number;
  readonly text: string;
  readonly bad?: boolean;
  readonly action?: { readonly label: string; readonly run: () => void };
  readonly milliseconds: number;
}

let toasts: readonly Toast[] = [];
let nextId = 1;
const listeners = new Set<() => void>();

function change(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}

/** Says something in passing, aloud to screen readers too. @returns takes it away again */
export function toast(options: Omit<Toast, "id" | "milliseconds"> & { milliseconds?: number }) {
  const id = nextId++;
  const { milliseconds = 6000 } = options;
  change([...toasts.slice(-2), { ...options, id, milliseconds }]);
  const dismiss = () => change(toasts.filter((each) => each.id !== id));
  setTimeout(dismiss, milliseconds);
  return dismiss;
}

export function toastProblem(what: string, error: unknown, action?: Toast["action"]): void {
  const problem = toProblem(error);
  toast({
    text: `${what}. ${adviceFor(problem)}`,
    bad: true,
    milliseconds: 9000,
    ...(action && { action }),
  });
}

export function Toasts() {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    () => toasts,
  );
  return (
    <div className="toasts" role="status" aria-live="polite">
      {shown.map(({ id, text, bad, action, milliseconds }) => (
        <div key={id} className={bad ? "toast bad" : "toast"}>
          <span>{text}</span>
          {action && (
            <Button
              onPress={() => {
                action.run();
                change(toasts.filter((each) => each.id !== id));
              }}
            >
              {action.label}
            </Button>
          )}
          {action && <span className="fuse" style={{ animationDuration: `${milliseconds}ms` }} />}
        </div>
      ))}
    </div>
  );
}
