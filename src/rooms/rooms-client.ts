import type { RoomName } from "./protocol.ts";
import type { ObservationRoom } from "./room.ts";

/** The rooms as the Worker sees them, but for publishing. */
export interface RoomsClient {
  /** Which of these keys the room has never logged. @throws when it cannot be reached */
  unlogged(room: RoomName, keys: readonly string[]): Promise<string[]>;
}

export function createRoomsClient(rooms: DurableObjectNamespace<ObservationRoom>): RoomsClient {
  return {
    unlogged: async (room, keys) => rooms.getByName(room).unlogged(keys),
  };
}
