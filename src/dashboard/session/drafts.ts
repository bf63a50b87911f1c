import { useCallback, useSyncExternalStore } from "react";
import { sessionStore } from "./session.ts";

const PREFIX = "outreach.draft.";
const listeners = new Set<() => void>();

/**
 * What was typed and has not been sent, so that neither a reload, nor another row, nor a session
 * that ended takes it away. In the tab's own storage, beside the tokens, and nobody else's.
 */
export const drafts = {
  read: (key: string): string => sessionStorage.getItem(nameOf(key)) ?? "",
  write(key: string, text: string): void {
    if (text === "") sessionStorage.removeItem(nameOf(key));
    else sessionStorage.setItem(nameOf(key), text);
    for (const listener of listeners) listener();
  },
  /** It was sent, or is not to be. */
  drop(key: string): void {
    sessionStorage.removeItem(nameOf(`${key} sent`));
    drafts.write(key, "");
  },
  /**
   * The `Idempotency-Key` to send a draft with. Where only the answer was lost, the same content sent
   * again is the same request; corrected, it is another.
   */
  idempotencyKey(key: string, content: string): string {
    const name = nameOf(`${key} sent`);
    const sent = sessionStorage.getItem(name) ?? "";
    const [last = ""] = sent.split(" ", 1);
    if (sent === `${last} ${content}`) return last;
    const next = crypto.randomUUID();
    sessionStorage.setItem(name, `${next} ${content}`);
    return next;
  },
  /** With signing out they go, whoever's they are. */
  forgetAll(): void {
    for (const name of Object.keys(sessionStorage)) {
      if (name.startsWith(PREFIX)) sessionStorage.removeItem(name);
    }
  },
};

function nameOf(key: string): string {
  const session = sessionStore.get();
  return `${PREFIX}${"user" in session ? session.user.profile.sub : ""}.${key}`;
}

export function useDraft(key: string): readonly [text: string, write: (text: string) => void] {
  const text = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    () => drafts.read(key),
  );
  return [text, useCallback((next: string) => drafts.write(key, next), [key])];
}
