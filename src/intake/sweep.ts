import type { Database } from "../db/client.ts";
import type { Deps } from "../deps.ts";
import type { RoomName } from "../rooms/protocol.ts";
import { nameOf } from "../telemetry/logger.ts";
import type { Announcement } from "./command.ts";

/** How long ago something was stored, in milliseconds: from `olderThan` up to `newerThan`. */
export interface Window {
  readonly olderThan: number;
  readonly newerThan: number;
}

/** A kind of thing that is announced when it is stored, as the database remembers it. */
export interface Announced {
  readonly name: string;
  readonly room: RoomName;
  /**
   * What was stored within the window and is to be announced, oldest first, with the key its
   * announcement has: one query that reads an index and no more than `limit` rows of it that count.
   */
  recent(db: Database, window: Window, limit: number): Promise<{ id: string; key: string }[]>;
  /** The announcements of `ids` as things are now; without those of which nothing is to be said. */
  announcements(db: Database, ids: readonly string[]): Promise<Announcement[]>;
}

/**
 * An announcement that was to follow an answer does so within seconds, its attempts included. The
 * other end is for a schedule that was late, a room or a database that was away for some minutes;
 * rooms know keys for an hour.
 */
const WINDOW: Window = { olderThan: 15_000, newerThan: 10 * 60_000 };
/** Ten minutes at three times the flood ceiling. The oldest come first, so all have their turn. */
const MAX_RECENT = 20_000;
/** Announcements in one call to the room: at the largest, some megabytes. */
const PAGE = 100;
/** What is left over is found a minute later. */
const MAX_PAGES = 10;

/**
 * Finds what was stored and never announced, because an isolate died between its answer and the
 * announcement, and announces it. An announcement that is merely late does no harm: the room takes
 * whichever comes first and ignores the other.
 */
export async function sweep(
  deps: Pick<Deps, "db" | "rooms" | "publish" | "log">,
  kinds: readonly Announced[],
): Promise<void> {
  for (const kind of kinds) {
    try {
      await sweepOne(deps, kind);
    } catch (error) {
      deps.log.warn("sweep failed", { announced: kind.name, error: nameOf(error) });
    }
  }
}

async function sweepOne(
  { db, rooms, publish, log }: Pick<Deps, "db" | "rooms" | "publish" | "log">,
  kind: Announced,
): Promise<void> {
  const recent = await kind.recent(db, WINDOW, MAX_RECENT);
  if (recent.length === 0) return;
  const keys = recent.map(({ key }) => key);
  const unlogged = new Set(await rooms.unlogged(kind.room, keys));
  const lost = recent.filter(({ key }) => unlogged.has(key)).map(({ id }) => id);
  if (lost.length === 0) return;
  log.warn("announcements were lost", { announced: kind.name, lost: lost.length });
  for (let page = 0; page < MAX_PAGES && page * PAGE < lost.length; page += 1) {
    const ids = lost.slice(page * PAGE, (page + 1) * PAGE);
    const announcements = await kind.announcements(db, ids);
    for (const together of groupByMessage(announcements)) publish(together);
  }
}

/** One call for all that read the same in the log. */
function groupByMessage(announcements: readonly Announcement[]) {
  return [...Map.groupBy(announcements, ({ message }) => message)].map(([message, group]) => ({
    room: (group[0] as Announcement).room,
    events: group.map(({ event }) => event),
    message,
    about: joined(group.map(({ about }) => about)),
  }));
}

/** `[{inquiryId: "1"}, {inquiryId: "2"}]` → `{inquiryId: "1 2"}` */
function joined(all: readonly Announcement["about"][]): Record<string, string> {
  const entries = all.flatMap((about) => Object.entries(about));
  const byName = Map.groupBy(entries, ([name]) => name);
  return Object.fromEntries(
    [...byName].map(([name, values]) => [name, values.map(([, value]) => value).join(" ")]),
  );
}
