import type { Announcement } from "./command.ts";

/** What the `operations` room hears from the spool. */

export function setAsideAnnouncement(row: {
  shard: string;
  number: number;
  command: string;
  reason: string;
  at: number;
}): Announcement {
  const { shard, number, command, reason, at } = row;
  const id = `${shard}-${number}`;
  return announcement("operations.row_set_aside", `${id}:${at}`, at, { id, command, reason });
}

/** @param outage.since milliseconds since 1970; it names the outage */
export function awayAnnouncement({ since }: { since: number }): Announcement {
  const data = { since: new Date(since).toISOString() };
  return announcement("operations.database_away", String(since), since, data);
}

export function backAnnouncement({ since, at }: { since: number; at: number }): Announcement {
  const data = { since: new Date(since).toISOString(), seconds: Math.round((at - since) / 1000) };
  return announcement("operations.database_back", String(since), at, data);
}

function announcement(type: string, key: string, at: number, data: object): Announcement {
  return {
    room: "operations",
    event: { key: `${type}:${key}`, type, time: new Date(at).toISOString(), data },
    message: "Operations SENT",
    about: { type },
  };
}
