import { randomBytes, randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { Pool } from "pg";
import { WebSocket } from "ws";
import { startIdentity } from "../../dev/identity.ts";
import { migrate } from "../../dev/migrate.ts";
import { postgresEngine, servePostgresHttp } from "../../dev/postgres-http.ts";
import { unsubscribeToken } from "../../dev/unsubscribe-token.ts";
import { type FaultProxy, startFaultProxy } from "./fault-proxy.ts";
import type { RunningServer } from "./processes.ts";
import { startPostgres } from "./servers.ts";
import { bundleWorker, type RunningWorker, startWorker } from "./workerd.ts";

const PREFIX = "/v1/api/outreach";
const DATABASE_URL = "postgres://outreach:outreach@localhost/outreach";

/** The whole service as real processes, every one of which can be stopped. */
export interface FaultWorld {
  readonly postgres: RunningServer;
  readonly network: FaultProxy;
  readonly worker: RunningWorker;
  submit(submission: Submission): Promise<SubmitAnswer>;
  readSpool(): Promise<{ depth: number; setAside: number }>;
  /** Resolves when nothing waits in the spool. @returns milliseconds until then */
  untilDrained(timeoutMs?: number): Promise<number>;
  /** Rows in Postgres under each key. */
  countRows(keys: readonly string[]): Promise<Map<string, number>>;
  observe(room: string): Promise<Observer>;
  /** A query past everything, at PostgreSQL itself. */
  query<Row extends object>(sql: string, values: readonly unknown[]): Promise<Row[]>;
  /** Posts JSON to a public route, as a visitor of their own. */
  post(path: string, body: unknown): Promise<Response>;
  /** Signed as a mail would carry it. */
  unsubscribeTokenOf(email: string): Promise<string>;
  /** A response of the desk API for the OWNER. */
  asOwner(path: string, init?: RequestInit): Promise<Response>;
  close(): Promise<void>;
}

export interface Submission {
  readonly key?: string;
  readonly body: Record<string, unknown>;
}

/** `status` 0: no answer at all. */
export interface SubmitAnswer {
  readonly status: number;
  readonly milliseconds: number;
  readonly receipt: string | undefined;
  readonly replayed: boolean;
}

export interface Observer {
  /** Every event received, in order. */
  readonly events: readonly { id: number; type: string; data: Record<string, string> }[];
  readonly connected: boolean;
  close(): void;
}

/** A submission that nobody else makes. */
export function aSubmission(key?: string): Submission {
  const unique = randomUUID();
  const body = { name: "Ada Byron", email: `${unique}@example.com`, message: `Hello ${unique}` };
  return { body, ...(key !== undefined && { key }) };
}

/** @param variables of the Worker, besides the usual ones */
export async function startFaultWorld(
  variables: Readonly<Record<string, string>> = {},
): Promise<FaultWorld> {
  const signingKey = randomBytes(32);
  const bundle = bundleWorker();
  const postgres = await startPostgres();
  const engine = postgresEngine({ connectionString: postgres.connectionString });
  const database = await servePostgresHttp({ engine });
  await migrate({ databaseUrl: DATABASE_URL, httpEndpoint: database.url });
  const network = await startFaultProxy(database.url);
  const identity = await startIdentity();
  const token = await identity.token("OWNER", { expiresInSeconds: 3600 });
  const worker = await startWorker({
    bundle,
    variables: {
      DATABASE_URL,
      DATABASE_HTTP_ENDPOINT: network.url,
      IDENTITY_ISSUER: identity.issuer,
      IDENTITY_AUDIENCE: identity.audience,
      IDENTITY_JWKS_URL: identity.jwksUrl,
      SIGNING_KEY: signingKey.toString("base64"),
      LOG_LEVEL: "error",
      ...variables,
    },
  });
  const direct = new Pool({ connectionString: postgres.connectionString, max: 2 });
  direct.on("error", () => undefined);
  const observers = new Set<Observer>();

  const world: FaultWorld = {
    postgres,
    network,
    worker,
    submit: (submission) => submit(worker.url, submission),
    async readSpool() {
      const answer = await fetch(`${worker.url}/readyz`);
      const { parts } = (await answer.json()) as { parts: { spool: Record<string, number> } };
      return { depth: parts.spool["depth"] ?? -1, setAside: parts.spool["setAside"] ?? -1 };
    },
    async untilDrained(timeoutMs = 60_000) {
      const start = performance.now();
      while ((await world.readSpool().catch(() => undefined))?.depth !== 0) {
        if (performance.now() - start > timeoutMs) throw new Error("the spool is not drained");
        await delay(100);
      }
      return performance.now() - start;
    },
    async countRows(keys) {
      const { rows } = await direct.query<{ key: string; count: number }>(
        `SELECT submission_key AS key, count(*)::int AS count FROM inquiries
          WHERE submission_key = ANY($1) GROUP BY 1`,
        [keys],
      );
      return new Map(rows.map(({ key, count }) => [key, count]));
    },
    async observe(room) {
      const observer = openObserver(`${worker.url}${PREFIX}/rooms/${room}`, token);
      observers.add(observer);
      while (!observer.connected) await delay(10);
      return observer;
    },
    query: async (sql, values) => (await direct.query(sql, [...values])).rows,
    post: (path, body) =>
      fetch(`${worker.url}${PREFIX}${path}`, {
        method: "POST",
        headers: { "content-type": "application/json", "cf-connecting-ip": anAddress() },
        body: JSON.stringify(body),
      }),
    async unsubscribeTokenOf(email) {
      const [row] = await world.query<{ number: string }>(
        "SELECT unsubscribe_token AS number FROM subscribers WHERE email_key = $1",
        [email],
      );
      if (row === undefined) throw new Error("no such subscriber");
      return unsubscribeToken(signingKey, row.number);
    },
    asOwner: (path, init = {}) =>
      fetch(`${worker.url}${PREFIX}${path}`, {
        ...init,
        headers: { authorization: `Bearer ${token}`, ...init.headers },
      }),
    async close() {
      for (const observer of observers) observer.close();
      await direct.end().catch(() => undefined);
      await worker.stop();
      await network.close();
      await database.close();
      await engine.close();
      await identity.close();
      await postgres.stop();
      rmSync(bundle, { recursive: true, force: true });
    },
  };
  return world;
}

/** Every visitor is another one, so that no limit of one visitor is met. */
const anAddress = () => `2001:db8:${randomUUID().slice(0, 4)}:${randomUUID().slice(0, 4)}::1`;

async function submit(url: string, { key, body }: Submission): Promise<SubmitAnswer> {
  const start = performance.now();
  const headers = {
    "content-type": "application/json",
    "cf-connecting-ip": anAddress(),
    ...(key !== undefined && { "idempotency-key": key }),
  };
  const init = { method: "POST", headers, body: JSON.stringify(body) };
  try {
    const answer = await fetch(`${url}${PREFIX}/inquiries/submit`, init);
    const { receipt } = (await answer.json()) as { receipt?: string };
    const milliseconds = performance.now() - start;
    const replayed = answer.headers.get("idempotency-replayed") === "true";
    return { status: answer.status, milliseconds, receipt, replayed };
  } catch {
    const milliseconds = performance.now() - start;
    return { status: 0, milliseconds, receipt: undefined, replayed: false };
  }
}

/** Stays connected as a page would: comes back at once, and says what it has seen. */
function openObserver(url: string, token: string): Observer {
  const events: { id: number; type: string; data: Record<string, string> }[] = [];
  let epoch = "";
  let takesAcks = false;
  let closed = false;
  let socket: WebSocket;
  const observer = {
    events,
    connected: false,
    close() {
      closed = true;
      socket.close();
    },
  };
  const connect = () => {
    const last = events.at(-1)?.id;
    const since = last === undefined ? "" : `?since=${last}&epoch=${epoch}`;
    socket = new WebSocket(url.replace("http", "ws") + since, "outreach.v1", {
      headers: { authorization: `Bearer ${token}` },
    });
    socket.on("message", (data) => {
      const frame = JSON.parse(String(data));
      if (frame.type === "hello") {
        epoch = frame.epoch;
        takesAcks = "recovered" in frame;
        observer.connected = true;
      } else if (frame.type === "events") {
        events.push(...frame.events);
        const id = frame.events.at(-1)?.id;
        if (takesAcks && id !== undefined) socket.send(JSON.stringify({ type: "ack", id }));
      }
    });
    socket.on("error", () => undefined);
    socket.on("close", () => {
      observer.connected = false;
      if (!closed) setTimeout(connect, 50);
    });
  };
  connect();
  return observer;
}
