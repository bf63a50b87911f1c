import { useEffect, useRef, useSyncExternalStore } from "react";
import type { RoomName } from "../../rooms/protocol.ts";
import { type Connection, type RoomListener, roomOf } from "./rooms.ts";

/** Listens to a room for as long as the component is there. */
export function useRoom(name: RoomName, enabled: boolean, listener: RoomListener): void {
  const latest = useRef(listener);
  latest.current = listener;
  useEffect(() => {
    if (!enabled) return;
    return roomOf(name).listen({
      onEvents: (events) => latest.current.onEvents(events),
      onGap: (over) => latest.current.onGap(over),
    });
  }, [name, enabled]);
}

/** How the connection to a room stands, for the badge. */
export function useConnection(name: RoomName): Connection {
  const room = roomOf(name);
  return useSyncExternalStore(room.subscribe, room.getConnection);
}
