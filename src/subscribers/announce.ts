import type { Deps } from "../deps.ts";
import type { Subscriber } from "./subscriber-schema.ts";

type EventType =
  | "subscriber.subscribed"
  | "subscriber.unsubscribed"
  | "subscriber.updated"
  | "subscriber.deleted"
  | "subscriber.restored";

type Announcing = Pick<Deps, "publish" | "now">;

/** Tells the room what was committed. */
export function announceSubscriber(
  deps: Announcing,
  type: EventType,
  subscriber: Subscriber,
): void {
  deps.publish({
    room: "subscribers",
    event: { type, time: deps.now().toISOString(), data: subscriber },
    message: "Subscriber SENT",
    about: { subscriberId: subscriber.id },
  });
}

/** One event for a whole file: a hundred thousand would push everything else out of the room's log. */
export function announceImport(deps: Announcing, added: number): void {
  if (added === 0) return;
  deps.publish({
    room: "subscribers",
    event: { type: "subscriber.imported", time: deps.now().toISOString(), data: { added } },
    message: "Import SENT",
    about: { added: String(added) },
  });
}
