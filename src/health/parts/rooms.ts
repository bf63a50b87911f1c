import type { Part } from "../part.ts";

/**
 * Observation rooms. One that is away costs liveness, not messages.
 * @param options.rooms by name, asking the room itself
 */
export function roomsPart(options: {
  rooms: Readonly<Record<string, () => Promise<{ observers: number }>>>;
}): Part {
  const { rooms } = options;
  return {
    name: "rooms",
    async probe() {
      const names = Object.keys(rooms);
      const answers = await Promise.allSettled(Object.values(rooms).map((status) => status()));
      const away = names.filter((_, index) => answers[index]?.status === "rejected");
      if (away.length === 0) return { state: "up" };
      return {
        state: away.length === names.length ? "down" : "degraded",
        detail: `unreachable: ${away.join(", ")}`,
      };
    },
    async measure() {
      return Promise.all(
        Object.entries(rooms).map(async ([room, status]) => {
          const { observers } = await status();
          return ["outreach_room_observers", { room }, observers] as const;
        }),
      );
    },
  };
}
