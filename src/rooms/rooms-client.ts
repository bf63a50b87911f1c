import type { Caller } from "../telemetry/logger.ts";
import type { Erasure } from "./erasures.ts";
import { ROOMS, type RoomName } from "./protocol.ts";
import type { ObservationRoom } from "./room.ts";

/** The rooms as the Worker sees them, but for publishing. */
export interface RoomsClient {
  /** Which of these keys the room has never logged. @throws when it cannot be reached */
  unlogged(room: RoomName, keys: readonly string[]): Promise<string[]>;
  /** Erases from the logs of all rooms. @returns events that held data @throws when one cannot be reached */
  erase(erasure: Erasure): Promise<number>;
}

export function createRoomsClient(
  rooms: DurableObjectNamespace<ObservationRoom>,
  from: Caller,
): RoomsClient {
  return {
    unlogged: async (room, keys) => rooms.getByName(room).unlogged(keys, from),
    async erase(erasure) {
      const counts = await Promise.all(
        ROOMS.map(async (room) => rooms.getByName(room).erase(erasure, from)),
      );
      return counts.reduce((sum, count) => sum + count, 0);
    },
  };
}
