import { useSyncExternalStore } from "react";
import type { RoomName } from "../../rooms/protocol.ts";
import { useSession } from "../session/use-session.ts";
import type { Connection } from "./rooms.ts";
import { useConnection } from "./use-room.ts";

const SAYS: Readonly<Record<Connection, readonly [look: string, text: string]>> = {
  live: ["live", "Live"],
  connecting: ["waiting", "Connecting …"],
  reloading: ["waiting", "Catching up …"],
  offline: ["lost", "Offline, retrying"],
  refused: ["lost", "Not live"],
  closed: ["lost", "Not live"],
};

/** What the room's connection really is: without a network not "live", though nobody has hung up. */
export function ConnectionBadge({ room = "inquiries" }: { room?: RoomName }) {
  const connection = useConnection(room);
  const online = useOnline();
  const session = useSession();
  const [look, text] =
    session.state === "ended"
      ? ["lost", "Session ended"]
      : online
        ? SAYS[connection]
        : ["lost", "No network"];
  return (
    <span className={`badge ${look}`} role="status" data-connection={connection}>
      <span className="dot" aria-hidden="true" />
      <span className="sr">Connection: </span>
      <span className="badge-text">{text}</span>
    </span>
  );
}

/** What the browser knows of the network. */
export function useOnline(): boolean {
  return useSyncExternalStore(
    (listener) => {
      addEventListener("online", listener);
      addEventListener("offline", listener);
      return () => {
        removeEventListener("online", listener);
        removeEventListener("offline", listener);
      };
    },
    () => navigator.onLine,
  );
}
