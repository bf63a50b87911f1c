import type { Access, Observer } from "./fanout.ts";
import type { View } from "./protocol.ts";

/**
 * What a socket keeps while its object hibernates: `v` because deploys are not atomic. Written when an
 * observer comes, acknowledges or falls behind, and not for every frame: of a live observer it is
 * known that it has been sent everything.
 */
export interface Attachment {
  readonly v: 2;
  readonly view: View;
  readonly expiresAt: number;
  readonly acknowledged: number;
  /** Absent where the version before wrote it: then nobody looks at the rules again. */
  readonly access?: Access | undefined;
  /** Null for a live observer. */
  readonly behind: { readonly sent: number; readonly lead: number } | null;
}

/** What the version before kept. */
interface AttachmentV1 {
  readonly v: 1;
  readonly view: View;
  readonly expiresAt: number;
}

export function writeAttachment(observer: Observer, live: boolean): Attachment {
  const { view, expiresAt, access, acknowledged, sent, lead } = observer;
  return { v: 2, view, expiresAt, access, acknowledged, behind: live ? null : { sent, lead } };
}

/** @param flushed up to where live observers have been served */
export function readAttachment(value: unknown, flushed: number): Observer | undefined {
  const attachment = value as Attachment | AttachmentV1 | null;
  if (attachment === null) return undefined;
  const { view, expiresAt } = attachment;
  const behind = attachment.v === 2 ? attachment.behind : null;
  return {
    view,
    expiresAt,
    access: attachment.v === 2 ? attachment.access : undefined,
    acknowledged: attachment.v === 2 ? attachment.acknowledged : flushed,
    sent: behind?.sent ?? flushed,
    lead: behind?.lead ?? flushed,
    unacknowledgedCharacters: 0,
  };
}
