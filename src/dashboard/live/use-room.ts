import { useEffect, useRef, useSyncExternalStore } from "react";
import type { RoomEvent, RoomName } from "../../rooms/protocol.ts";
import { type Connection, roomOf } from "./rooms.ts";

export interface RoomListener {
  onEvents(events: readonly RoomEvent[]): void;
  /** Events were missed for good: what is shown has to be loaded again. */
  onGap(): void | Promise<void>;
}

/** Listens to a room for as long as the component is there. */
export function useRoom(name: RoomName, enabled: boolean, listener: RoomListener): void {
  const latest = useRef(listener);
  latest.current = listener;
  useEffect(() => {
    if (!enabled) return;
    return roomOf(name).listen({
      onEvents: (events) => latest.current.onEvents(events),
      onGap: () => latest.current.onGap(),
    });
  }, [name, enabled]);
}

/** How the connection to a room stands, for the badge. */
export function useConnection(name: RoomName): Connection {
  const room = roomOf(name);
  return useSyncExternalStore(room.subscribe, room.getConnection);
}
