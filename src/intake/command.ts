import type { BatchItem } from "drizzle-orm/batch";
import type { z } from "zod";
import type { Database } from "../db/client.ts";
import type { ProblemCode } from "../http/problem.ts";
import type { PublishedEvent } from "../rooms/event.ts";
import type { RoomName } from "../rooms/protocol.ts";

/** What is announced once a write is in Postgres. The event's `key` makes a repetition harmless. */
export interface Announcement {
  readonly room: RoomName;
  readonly event: PublishedEvent & { readonly key: string };
  /** What the log says once observers have it. */
  readonly message: string;
  readonly about: Readonly<Record<string, string>>;
}

/** What a write has come to: it is in Postgres, or its key stands for something else. */
export type Settled<Result> =
  | {
      readonly kind: "stored";
      readonly result: Result;
      /** Said again by every repetition: the first one may have ended before it was said. */
      readonly announcements: readonly Announcement[];
    }
  | { readonly kind: "conflict" };

/** What identifies a write, and what it may be confused with. */
export interface CommandKey {
  readonly key: string;
  /** Writes with one value are replayed in the order in which they came. */
  readonly order: string;
  /** Tells a repetition from another write under the same key. */
  readonly fingerprint: string;
  /** When it was sent, in milliseconds since 1970. */
  readonly at: number;
  /** Keys that mean the same write if they were used within so many milliseconds of `at`. */
  readonly neighbours?: { readonly keys: readonly string[]; readonly within: number };
}

/**
 * A public write that can be done now or later, with the same effect however often it is done. The
 * payload is plain JSON; what a visitor typed has been validated before.
 */
export interface Command<Payload, Result> {
  readonly name: string;
  /** Of the payloads made now. Goes up when an older Worker could not read them. */
  readonly version: number;
  /** For every version that may still wait in a spool: reads it and yields today's payload. */
  readonly versions: Readonly<Record<number, z.ZodType<Payload>>>;
  /** Counts what became of it, where that is counted. */
  readonly counter?: "outreach_submissions_total" | "outreach_subscriptions_total";
  /** What a caller is told whose key stands for something else. */
  readonly conflict: ProblemCode;
  /**
   * A unique constraint whose violation means `conflict`. Two equal writes at once can meet it as well
   * (`ON CONFLICT` guards one index only), so it is believed when a second attempt meets it too.
   */
  readonly conflictConstraint?: string;
  /** Fields of the payload that nobody is shown, not even who looks after writes set aside. */
  readonly hidden?: readonly (keyof Payload & string)[];
  keyOf(payload: Payload): CommandKey;
  /** Sent in one round trip, as one transaction; the last one's rows are what is settled. */
  statements(context: CommandContext, payload: Payload): readonly [...BatchItem<"pg">[], LastItem];
  /** @throws anything when the rows are not an answer to this payload's statements */
  settle(rows: readonly unknown[], payload: Payload): Settled<Result>;
}

type LastItem = BatchItem<"pg"> & PromiseLike<unknown>;

export interface CommandContext {
  readonly db: Database;
  readonly nodeId: number;
}

/** A command whose payload is only known to fit it. */
// biome-ignore lint/suspicious/noExplicitAny: a list of commands cannot name the payload of each
export type AnyCommand = Command<any, any>;
