/** An event as it is published: what everyone sees, and what those with the masked view see instead. */
export interface PublishedEvent {
  readonly type: string;
  /** RFC 3339 UTC. */
  readonly time: string;
  readonly data: unknown;
  /** Absent when there is nothing to mask. */
  readonly masked?: unknown;
  /** Names the happening: a second event with a key that was logged within the last hour is ignored. */
  readonly key?: string;
}
