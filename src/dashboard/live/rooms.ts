import { type ObserverState, observeRoom, type RoomObserver } from "../../rooms/client.ts";
import type { RoomEvent, RoomName } from "../../rooms/protocol.ts";
import { API_PREFIX } from "../api/client.ts";
import { accessToken } from "../session/session.ts";

export type Connection = ObserverState;

export interface RoomListener {
  onEvents(events: readonly RoomEvent[]): void;
  /**
   * Events were missed for good: what is shown has to be loaded again. What comes when `over` is
   * aborted is not to be shown: the next connection loads again.
   */
  onGap(over: AbortSignal): void | Promise<void>;
}

/** One connection a room, however many parts of the page listen. */
interface Room {
  listen(listener: RoomListener): () => void;
  subscribe(onChange: () => void): () => void;
  getConnection(): Connection;
}

const rooms = new Map<RoomName, Room>(); // bounded by the rooms there are

export function roomOf(name: RoomName): Room {
  const known = rooms.get(name);
  if (known) return known;
  const room = createRoom(name);
  rooms.set(name, room);
  return room;
}

function createRoom(name: RoomName): Room {
  const listeners = new Set<RoomListener>();
  const watchers = new Set<() => void>();
  let observer: RoomObserver | undefined;
  let connection: Connection = "closed";

  function open(): RoomObserver {
    return observeRoom({
      url: new URL(`${API_PREFIX}/rooms/${name}`, location.href),
      token: async () => {
        const token = await accessToken();
        if (token === undefined) throw new Error("the session has ended");
        return token;
      },
      onEvents: (events) => {
        for (const listener of listeners) listener.onEvents(events);
      },
      onReload: async (_hello, over) => {
        await Promise.all([...listeners].map((listener) => listener.onGap(over)));
      },
      onState: (state) => {
        connection = state;
        for (const watcher of watchers) watcher();
      },
    });
  }

  return {
    listen(listener) {
      listeners.add(listener);
      if (!observer) {
        observer = open();
        connection = observer.state;
      }
      return () => {
        listeners.delete(listener);
        // After this turn: a listener that is only being exchanged for another must not disconnect.
        queueMicrotask(() => {
          if (listeners.size > 0) return;
          observer?.close();
          observer = undefined;
        });
      };
    },
    subscribe(onChange) {
      watchers.add(onChange);
      return () => void watchers.delete(onChange);
    },
    getConnection: () => connection,
  };
}
