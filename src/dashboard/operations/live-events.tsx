import { useState } from "react";
import type { RoomEvent } from "../../rooms/protocol.ts";
import { queryClient } from "../api/query-client.ts";
import { useRoom } from "../live/use-room.ts";
import { fullTime } from "../ui/time.tsx";

const MAX_EVENTS = 100;
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });

const TEXTS: Readonly<Record<string, string>> = {
  "operations.flood_started": "A flood of submissions is being held off",
  "operations.flood_ended": "The flood is over",
  "operations.database_away": "The database is away; writes are spooled",
  "operations.database_back": "The database is back",
  "operations.row_set_aside": "A write was set aside",
};

/** The `operations` room, newest first. What happens here changes what the rest of the page says. */
export function LiveEvents() {
  const [events, setEvents] = useState<readonly RoomEvent[]>([]);
  const refresh = () => {
    void queryClient.invalidateQueries({ queryKey: ["readiness"] });
    void queryClient.invalidateQueries({ queryKey: ["set-aside"] });
  };
  useRoom("operations", true, {
    onEvents: (fresh) => {
      setEvents((old) => [...[...fresh].reverse(), ...old].slice(0, MAX_EVENTS));
      refresh();
    },
    onGap: refresh,
  });
  return (
    <div role="log" aria-label="Operations events" aria-live="polite">
      {events.length === 0 ? (
        <p className="quiet-text">Nothing has happened, which is good.</p>
      ) : (
        <ol className="events">
          {events.map((event) => (
            <li key={event.id}>
              <time dateTime={event.time} title={fullTime(event.time)}>
                {clock.format(new Date(event.time))}
              </time>
              <span>
                <strong>{TEXTS[event.type] ?? event.type}</strong> {sayData(event.data)}
              </span>
            </li>
          ))}
        </ol>
      )}
    </div>
  );
}

/** The few plain values an event carries, in a line. */
function sayData(data: unknown): string {
  if (typeof data !== "object" || data === null) return "";
  return Object.entries(data)
    .filter(([, value]) => typeof value !== "object")
    .map(([key, value]) => `${key} ${String(value)}`)
    .join(", ");
}
