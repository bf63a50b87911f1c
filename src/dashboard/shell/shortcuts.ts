import { useEffect, useRef } from "react";

const KEY = "outreach.shortcuts";
const REPEATED: ReadonlySet<string> = new Set(["j", "k"]);
const listeners = new Set<() => void>();

/** Single keys can be switched off: speech input types them by accident (WCAG 2.1.4). */
export const shortcuts = {
  enabled: () => localStorage.getItem(KEY) !== "off",
  enable(on: boolean): void {
    localStorage.setItem(KEY, on ? "on" : "off");
    for (const listener of listeners) listener();
  },
  subscribe(listener: () => void) {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },
};

/** Where a key is text, or belongs to a dialogue. */
function isTaken(target: EventTarget | null): boolean {
  if (document.querySelector("[role=dialog], [role=alertdialog]")) return true;
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      target.matches("textarea, select, input:not([type=checkbox]):not([type=radio])"))
  );
}

/** Runs what a key stands for, by `KeyboardEvent.key`. Escape works even where single keys are off. */
export function useShortcuts(actions: Readonly<Record<string, () => void>>): void {
  const latest = useRef(actions);
  latest.current = actions;
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      const run = latest.current[event.key];
      if (!run || isTaken(event.target)) return;
      // A key that is held down walks through the list, and does nothing else twice.
      if (event.repeat && !REPEATED.has(event.key)) return;
      if (event.key !== "Escape" && event.key !== "?" && !shortcuts.enabled()) return;
      event.preventDefault();
      run();
    };
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, []);
}
