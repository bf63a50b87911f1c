import type { Deps } from "../deps.ts";
import type { Elsewhere } from "./holder.ts";

/**
 * The places outside the database, in the order in which they have to be emptied: what leaves the
 * spool while it is asked may be announced in a room.
 */
export function placesElsewhere({ spool, rooms }: Pick<Deps, "spool" | "rooms">): Elsewhere[] {
  return [
    {
      name: "spool",
      async report({ emailKey }) {
        const rows = await spool.heldBy(emailKey);
        return rows.map(({ command, key, acceptedAt, reason, payload }) => ({
          command,
          receipt: key,
          acceptedAt: new Date(acceptedAt).toISOString(),
          setAside: reason,
          payload: JSON.parse(payload) as unknown,
        }));
      },
      erase: ({ emailKey }) => spool.erase(emailKey),
    },
    {
      name: "events",
      // Copies of what the tables hold, for seven days at most.
      report: async () => [],
      erase: ({ emailKey }, ids) => rooms.erase({ emailKey, ids }),
    },
  ];
}
