import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from "react";
import type { RoomEvent, RoomName } from "../../rooms/protocol.ts";
import { toProblem } from "../api/problem.ts";
import { useConnection, useRoom } from "../live/use-room.ts";
import { useMay } from "../session/me.ts";
import { type Listed, type LoadedPage, RowList } from "./row-list.ts";

/** Beyond this many, the bar says "500+" and showing them loads the list anew. */
export const MAX_ARRIVALS = 500;
/** So many rows that are gone are asked for one by one; for more the list is loaded anew. */
const MAX_FETCHED = 50;
const NONE: ReadonlySet<string> = new Set();

/** What an event means to a list. */
export type Told<T> =
  /**
   * It is there, or is like this now. New ones belong at the top; one that came back belongs where it
   * was, which only loading the list anew can tell.
   */
  | { readonly kind: "row"; readonly row: T; readonly came: "no" | "new" | "back" }
  /** Nothing personal is left of it. */
  | { readonly kind: "erased"; readonly id: string }
  /** So many have come, somewhere in the list, and none is told of by itself. */
  | { readonly kind: "many"; readonly count: number };

export interface LiveListOptions<T extends Listed> {
  /** Another search is another list. */
  readonly key: string;
  readonly oldestFirst: boolean;
  readonly load: (cursor: string | undefined) => Promise<LoadedPage<T>>;
  /** Whose events keep it live. */
  readonly room: RoomName;
  readonly tell: (event: RoomEvent) => Told<T> | undefined;
  /** Whether a row belongs to the list, as far as it can be told here. */
  readonly matches: (row: T) => boolean;
  /** Whether a row may appear at the top right now without moving what is being read. */
  readonly mayInsert: () => boolean;
  /** What remains of one that was erased; undefined when it is not known here anyway. */
  readonly fetchErased: (id: string, isListed: boolean) => Promise<T | undefined>;
  /** One as it is now. @throws {ApiProblem} 404 where it is not any more */
  readonly fetchNow: (id: string) => Promise<T>;
  /** Every row that was heard of, for what else shows it. */
  readonly onRow: (row: T) => void;
  readonly onEvents: () => void;
  readonly onGap: () => void;
}

/** The list for a search, kept live. */
export function useLiveList<T extends Listed>(options: LiveListOptions<T>) {
  const { key, oldestFirst, load, room, matches, mayInsert } = options;
  const [generation, setGeneration] = useState(0);
  const [arrivals, setArrivals] = useState<readonly T[]>([]);
  const [untold, setUntold] = useState(0);
  const [elsewhere, setElsewhere] = useState<ReadonlySet<string>>(NONE);
  const may = useMay();

  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` is the search; a new generation is a new list
  const list = useMemo(() => new RowList({ oldestFirst, load }), [key, generation]);
  const state = useSyncExternalStore(list.subscribe, list.getState);

  // biome-ignore lint/correctness/useExhaustiveDependencies: arrivals belong to one list
  useEffect(() => {
    setArrivals([]);
    setUntold(0);
    setElsewhere(NONE);
  }, [list]);

  const connection = useConnection(room);
  useEffect(() => {
    // The way is open again: what could not be loaded need not wait for a click.
    if (connection === "live" && list.getState().error !== undefined) list.retry();
  }, [connection, list]);

  function onEvents(events: readonly RoomEvent[]): void {
    const fresh: T[] = [];
    for (const event of events) {
      const told = options.tell(event);
      if (told?.kind === "erased") void forget(told.id);
      else if (told?.kind === "many") setUntold((count) => count + told.count);
      else if (told) {
        const { row, came } = told;
        options.onRow(row);
        list.update(row);
        setArrivals((held) => held.map((each) => (each.id === row.id ? row : each)));
        const belongs = matches(row);
        if (came === "new" && belongs && !oldestFirst) fresh.unshift(row);
        else if (list.find(row.id) === undefined) {
          mark([row.id], belongs && (came === "back" || list.lacks(row.id)));
        }
        if (!belongs) list.letGoOf(row.id);
      }
    }
    options.onEvents();
    receive(fresh);
  }

  /** Counts rows that have come to a place in the list, or counts them no longer. */
  function mark(ids: readonly string[], belong: boolean): void {
    setElsewhere((held) => {
      if (ids.every((id) => held.has(id) === belong)) return held;
      const kept = [...held].filter((id) => !ids.includes(id));
      return new Set(belong ? [...kept, ...ids] : kept);
    });
  }

  async function forget(id: string): Promise<void> {
    setArrivals((held) => held.filter((each) => each.id !== id));
    const isListed = list.find(id) !== undefined;
    const rest = await options.fetchErased(id, isListed).catch(() => undefined);
    if (rest) list.update(rest);
    else if (isListed) list.remove(new Set([id]));
  }

  /** Shows new rows at once when that moves nothing, and holds them back otherwise. */
  function receive(rows: readonly T[]): void {
    const unknown = rows.filter(({ id }) => list.find(id) === undefined);
    if (unknown.length === 0) return;
    if (!list.getState().pending && mayInsert()) list.prepend(unknown);
    else setArrivals((held) => merge(unknown, held));
  }

  async function onGap(over: AbortSignal): Promise<void> {
    options.onGap();
    const { newer, come, gone } = await list.refresh();
    if (over.aborted) return;
    if (gone.length > MAX_FETCHED) return reload();
    mark(come, true);
    if (!oldestFirst) receive(newer);
    await Promise.all(gone.map(learnWhatBecame));
  }

  async function learnWhatBecame(id: string): Promise<void> {
    try {
      list.update(await options.fetchNow(id));
    } catch (error) {
      if (toProblem(error).status !== 404) throw error;
      list.remove(new Set([id]));
    }
  }
  const reload = useCallback(() => setGeneration((value) => value + 1), []);
  useRoom(room, may("room", room), { onEvents, onGap });

  const showArrivals = useCallback(() => {
    const anew = untold > 0 || elsewhere.size > 0 || arrivals.length >= MAX_ARRIVALS;
    if (anew || !list.prepend(arrivals.filter(matches))) reload();
    setArrivals([]);
    setUntold(0);
    setElsewhere(NONE);
  }, [arrivals, untold, elsewhere, list, reload, matches]);

  // What was announced while the list was being loaded may be in it.
  const isMissing = (id: string) => list.find(id) === undefined;
  const waiting =
    arrivals.filter((row) => isMissing(row.id) && matches(row)).length +
    [...elsewhere].filter(isMissing).length +
    untold;
  return { list, state, arrivals: waiting, showArrivals, reload };
}

function merge<T extends Listed>(fresh: readonly T[], held: readonly T[]): readonly T[] {
  const known = new Set(held.map(({ id }) => id));
  return [...fresh.filter(({ id }) => !known.has(id)), ...held].slice(0, MAX_ARRIVALS);
}
