import type { Logger } from "../telemetry/logger.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { PublishedEvent } from "./log.ts";
import type { RoomName } from "./protocol.ts";
import type { ObservationRoom } from "./room.ts";

const ATTEMPTS = 3;
const FIRST_DELAY_MS = 100;

/** Announces what was committed. Never before the commit, never in front of the answer. */
export type Publish = (announcement: {
  room: RoomName;
  event: PublishedEvent;
  /** What the log says once observers have it: `Inquiry SENT`. */
  message: string;
  /** What the log line is about: `{inquiryId: "…"}`. */
  about: Readonly<Record<string, string>>;
}) => void;

/**
 * @param options.after runs work once the answer is on its way (and keeps the isolate alive for it)
 */
export function createPublish(options: {
  rooms: DurableObjectNamespace<ObservationRoom>;
  log: Logger;
  metrics: Metrics;
  after: (work: () => Promise<void>) => void;
}): Publish {
  const { rooms, log, metrics, after } = options;
  return ({ room, event, message, about }) =>
    after(async () => {
      for (let attempt = 1; ; attempt += 1) {
        try {
          // A stub that has thrown may stay broken, so each attempt takes a new one.
          await rooms.getByName(room).publish([event]);
          metrics.count("outreach_room_events_total", { room });
          log.info(message, { ...about, type: event.type, rooms: [room] });
          return;
        } catch (error) {
          metrics.count("outreach_dependency_errors_total", { dependency: "rooms" });
          if (attempt < ATTEMPTS) {
            await scheduler.wait(FIRST_DELAY_MS * 2 ** (attempt - 1));
            continue;
          }
          metrics.count("outreach_room_publish_failures_total", {});
          log.error("Socket event service not ready", {
            ...about,
            rooms: [room],
            error: error instanceof Error ? error.name : "unknown",
          });
          return;
        }
      }
    });
}
