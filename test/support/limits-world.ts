import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { Agent, request } from "node:http";
import { migrate } from "../../dev/migrate.ts";
import { pgliteEngine, servePostgresHttp } from "../../dev/postgres-http.ts";
import { serveRedisHttp } from "../../dev/redis-http.ts";
import type { RunningServer } from "./processes.ts";
import { startRedis } from "./servers.ts";
import { bundleWorker, startWorker } from "./workerd.ts";

export interface Answered {
  readonly status: number;
  readonly milliseconds: number;
}

/** The built Worker in workerd, with a database and a Redis that can be stopped. */
export interface LimitsWorld {
  readonly redis: RunningServer;
  /** Posts a valid submission of its own from this client. @param headers besides */
  submit(client: string, headers?: Record<string, string>): Promise<Answered>;
  /** How many counters Redis holds. */
  countersInRedis(): Promise<number>;
  /** Empties Redis, so that what is counted next is new. */
  emptyRedis(): Promise<void>;
  /** Ends everything. */
  stop(): Promise<void>;
}

/** @param options.connections how many at most; @param options.floodCeiling a minute */
export async function startLimitsWorld(options: {
  connections: number;
  floodCeiling: number;
}): Promise<LimitsWorld> {
  const database = await pgliteEngine();
  const postgres = await servePostgresHttp({ engine: database });
  const databaseUrl = "postgres://outreach:outreach@localhost/outreach";
  await migrate({ databaseUrl, httpEndpoint: postgres.url });
  const redis = await startRedis();
  const http = await serveRedisHttp({ redisUrl: redis.connectionString, token: "local" });
  const bundle = bundleWorker();
  const worker = await startWorker({
    bundle,
    variables: {
      DATABASE_URL: databaseUrl,
      DATABASE_HTTP_ENDPOINT: postgres.url,
      SIGNING_KEY: randomBytes(32).toString("base64"),
      UPSTASH_REDIS_REST_URL: http.url,
      UPSTASH_REDIS_REST_TOKEN: http.token,
      FLOOD_CEILING: String(options.floodCeiling),
      LOG_LEVEL: "error",
    },
  });
  const agent = new Agent({ keepAlive: true, maxSockets: options.connections });
  const command = async (...args: string[]) => {
    const headers = { authorization: `Bearer ${http.token}` };
    const answer = await fetch(http.url, { method: "POST", headers, body: JSON.stringify(args) });
    return ((await answer.json()) as { result?: unknown }).result;
  };
  let count = 0;
  return {
    redis,
    countersInRedis: async () => Number(await command("DBSIZE")),
    emptyRedis: async () => void (await command("FLUSHALL")),
    submit(client, headers = {}) {
      count += 1;
      const body = JSON.stringify({
        name: "Ada Byron",
        email: "ada@example.com",
        message: `Number ${count} of ${process.pid}`,
      });
      return post(`${worker.url}/v1/api/outreach/inquiries/submit`, agent, body, {
        "content-type": "application/json",
        "cf-connecting-ip": client,
        ...headers,
      });
    },
    async stop() {
      agent.destroy();
      await worker.stop();
      await http.close();
      await redis.stop();
      await postgres.close();
      await database.close();
      rmSync(bundle, { recursive: true, force: true });
    },
  };
}

/** By node:http and not fetch, which does not let a caller bound its connections. */
function post(
  url: string,
  agent: Agent,
  body: string,
  headers: Record<string, string>,
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const call = request(url, { method: "POST", agent, headers }, (answer) => {
      answer.resume();
      answer.once("end", () => {
        const milliseconds = performance.now() - start;
        resolve({ status: answer.statusCode ?? 0, milliseconds });
      });
      answer.once("error", reject);
    });
    call.once("error", reject);
    let start = performance.now();
    // Not counted: the time in the agent's queue.
    call.once("socket", () => {
      start = performance.now();
    });
    call.end(body);
  });
}

let addresses = 0;

/** An IPv4 address nobody else has in this run (198.18.0.0/15 is for such, RFC 2544). */
export function nextAddress(): string {
  addresses += 1;
  return `198.${18 + ((addresses >> 16) & 1)}.${(addresses >> 8) & 255}.${addresses & 255}`;
}

/** 202 where Postgres took longer than its budget: to the limits it is the same. */
const OUTCOMES: Readonly<Record<number, string>> = {
  201: "accepted",
  202: "accepted",
  429: "refused",
};

/** `{accepted: 5, refused: 95}`; any other status by its number. */
export function countOutcomes(answers: readonly Answered[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status } of answers) {
    const outcome = OUTCOMES[status] ?? String(status);
    counts[outcome] = (counts[outcome] ?? 0) + 1;
  }
  return counts;
}

/** The time within which this share of the answers came, in milliseconds. */
export function percentile(answers: readonly Answered[], share: number): number {
  const sorted = answers.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** Sends one after another on so many lanes until the time is over. */
export async function keepSending(
  world: LimitsWorld,
  options: { lanes: number; milliseconds: number; pauseMs?: number },
): Promise<Answered[]> {
  const end = performance.now() + options.milliseconds;
  const lane = async () => {
    const answers: Answered[] = [];
    while (performance.now() < end) {
      answers.push(await world.submit(nextAddress()));
      if (options.pauseMs) await new Promise((resolve) => setTimeout(resolve, options.pauseMs));
    }
    return answers;
  };
  return (await Promise.all(Array.from({ length: options.lanes }, lane))).flat();
}
