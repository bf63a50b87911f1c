/** This many refused within a minute are a flood. */
const STARTS_AT = 300;
/** Fewer than this in the last 10 to 20 seconds, and it is over. */
const ENDS_BELOW = 30;
const SLICE_SECONDS = 10;
const SLICES = 6;

/** How a flood stands after some refusals were added: `minute` were refused in the last minute. */
export interface FloodState {
  readonly change: "started" | "ended" | undefined;
  readonly flooding: boolean;
  readonly minute: number;
}

/** Counts refusals and remembers whether a flood is on. Whoever hears of a change announces it. */
export interface FloodLedger {
  /** @param refused how many to add; 0 only looks */
  add(route: string, refused: number): Promise<FloodState> | FloodState;
}

interface Ledger {
  slices: { slice: number; refused: number }[];
  flooding: boolean;
}

/** What one isolate knows, for when there is no Redis. Bounded by the number of limited routes. */
export function createLocalFloodLedger(options: { now: () => number }): FloodLedger {
  const ledgers = new Map<string, Ledger>();
  return {
    add(route, refused) {
      const slice = Math.floor(options.now() / 1000 / SLICE_SECONDS);
      const ledger = ledgers.get(route) ?? { slices: [], flooding: false };
      ledgers.set(route, ledger);
      ledger.slices = ledger.slices.filter((each) => slice - each.slice < SLICES);
      const current = ledger.slices.find((each) => each.slice === slice);
      if (current) current.refused += refused;
      else ledger.slices.push({ slice, refused });
      const sum = (age: number) =>
        ledger.slices.reduce((n, each) => (slice - each.slice <= age ? n + each.refused : n), 0);
      const minute = sum(SLICES);
      if (!ledger.flooding && minute >= STARTS_AT) {
        ledger.flooding = true;
        return { change: "started", flooding: true, minute };
      }
      if (ledger.flooding && sum(1) < ENDS_BELOW) {
        // Forgotten, or what is still in the minute would start the next flood at once.
        ledgers.delete(route);
        return { change: "ended", flooding: false, minute };
      }
      return { change: undefined, flooding: ledger.flooding, minute };
    },
  };
}

/**
 * The same for all isolates together, by Redis' clock.
 * KEYS: refusals by slice (a hash), the marker. ARGV: how many to add.
 */
export const FLOOD_SCRIPT = `
local slice = math.floor(tonumber(redis.call('TIME')[1]) / ${SLICE_SECONDS})
local refused = tonumber(ARGV[1])
if refused > 0 then
  redis.call('HINCRBY', KEYS[1], slice, refused)
  redis.call('EXPIRE', KEYS[1], ${2 * SLICES * SLICE_SECONDS})
end
local minute, recent = 0, 0
local slices = redis.call('HGETALL', KEYS[1])
for i = 1, #slices, 2 do
  local age = slice - tonumber(slices[i])
  if age >= ${SLICES} then
    redis.call('HDEL', KEYS[1], slices[i])
  else
    minute = minute + tonumber(slices[i + 1])
    if age <= 1 then recent = recent + tonumber(slices[i + 1]) end
  end
end
local flooding = redis.call('EXISTS', KEYS[2])
if flooding == 0 and minute >= ${STARTS_AT} then
  redis.call('SET', KEYS[2], slice, 'EX', 3600)
  return { 1, 1, minute }
end
if flooding == 1 and recent < ${ENDS_BELOW} then
  redis.call('DEL', KEYS[1], KEYS[2])
  return { 2, 0, minute }
end
if flooding == 1 then redis.call('EXPIRE', KEYS[2], 3600) end
return { 0, flooding, minute }
`;

/** For how long an isolate gathers refusals before it reports them. */
const GATHER_MS = 1_000;
/** When it looks whether the flood is over: past two slices, and within the 30 s of `waitUntil`. */
const LOOK_AFTER_MS = 25_000;
/** Somebody looks at least this often while refusals come. */
const LOOK_EVERY_MS = 4_000;

/** What an isolate has gathered; shared by its requests. */
export interface FloodMemory {
  readonly pending: Map<string, number>;
  gatheringSince: number;
  lookedAt: number;
}

export function createFloodMemory(): FloodMemory {
  return {
    pending: new Map(),
    gatheringSince: Number.NEGATIVE_INFINITY,
    lookedAt: Number.NEGATIVE_INFINITY,
  };
}

/**
 * Tells floods from single refusals, after the answer: one report a second and isolate.
 * @param options.announce called once for each change of each route
 */
export function createFloodWatch(options: {
  memory: FloodMemory;
  ledger: FloodLedger;
  now: () => number;
  wait: (ms: number) => Promise<void>;
  after: (work: () => Promise<void>) => void;
  announce: (route: string, change: "started" | "ended", refused: number) => void;
}): { refused(route: string): void } {
  const { memory, ledger, now, wait, after, announce } = options;

  async function report(route: string, refused: number): Promise<boolean> {
    const { change, flooding, minute } = await ledger.add(route, refused);
    if (change !== undefined) announce(route, change, minute);
    return flooding;
  }

  async function gather(): Promise<void> {
    await wait(GATHER_MS);
    const pending = [...memory.pending];
    memory.pending.clear();
    memory.gatheringSince = Number.NEGATIVE_INFINITY;
    const flooded: string[] = [];
    for (const [route, refused] of pending) if (await report(route, refused)) flooded.push(route);
    if (flooded.length === 0 || now() - memory.lookedAt < LOOK_EVERY_MS) return;
    memory.lookedAt = now();
    await wait(LOOK_AFTER_MS);
    for (const route of flooded) await report(route, 0);
  }

  return {
    refused(route) {
      memory.pending.set(route, (memory.pending.get(route) ?? 0) + 1);
      // Older than that, and the request that gathered was cut off.
      if (now() - memory.gatheringSince < 3 * GATHER_MS) return;
      memory.gatheringSince = now();
      after(gather);
    },
  };
}
