import { type Caller, type Logger, nameOf } from "../telemetry/logger.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { PublishedEvent } from "./event.ts";
import type { RoomName } from "./protocol.ts";
import type { ObservationRoom } from "./room.ts";

const ATTEMPTS = 3;
const FIRST_DELAY_MS = 100;

/** What was committed: one event, or several that are logged together, in this order. */
export type Announcement = {
  readonly room: RoomName;
  /** What the log says once observers have it: `Inquiry SENT`. */
  readonly message: string;
  /** What the log line is about: `{inquiryId: "…"}`. */
  readonly about: Readonly<Record<string, string>>;
} & ({ readonly event: PublishedEvent } | { readonly events: readonly PublishedEvent[] });

/** Announces what was committed. Never before the commit, never in front of the answer. */
export type Publish = (announcement: Announcement) => void;

/**
 * @param options.after runs work once the answer is on its way (and keeps the isolate alive for it)
 */
export function createPublish(options: {
  rooms: DurableObjectNamespace<ObservationRoom>;
  from: Caller;
  log: Logger;
  metrics: Metrics;
  after: (work: () => Promise<void>) => void;
}): Publish {
  const { rooms, from, log, metrics, after } = options;
  return (announcement) => {
    const { room, message, about } = announcement;
    const events = "event" in announcement ? [announcement.event] : announcement.events;
    if (events.length === 0) return;
    // An attempt may have arrived although its answer did not: with a key, the next changes nothing.
    const keyed = events.map((each) => ({ key: crypto.randomUUID(), ...each }));
    const types = [...new Set(events.map(({ type }) => type))].join(" ");
    after(async () => {
      for (let attempt = 1; ; attempt += 1) {
        try {
          // A stub that has thrown may stay broken, so each attempt takes a new one.
          await rooms.getByName(room).publish(keyed, from);
          metrics.count("outreach_room_events_total", { room }, keyed.length);
          log.info(message, { ...about, type: types, rooms: [room] });
          return;
        } catch (error) {
          metrics.count("outreach_dependency_errors_total", { dependency: "rooms" });
          if (attempt < ATTEMPTS) {
            await scheduler.wait(FIRST_DELAY_MS * 2 ** (attempt - 1));
            continue;
          }
          metrics.count("outreach_room_publish_failures_total", {}, keyed.length);
          log.error("Socket event service not ready", {
            ...about,
            rooms: [room],
            error: nameOf(error),
          });
          return;
        }
      }
    });
  };
}
