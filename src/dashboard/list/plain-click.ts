import type { MouseEvent } from "react";

/** Another tab, another window, a download: the browser's business. */
export function isPlainClick(event: MouseEvent): boolean {
  return event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
}
