import { Buffer } from "node:buffer";
import { mkdir } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { messages, PGlite, protocol } from "@electric-sql/pglite";
import { pg_trgm } from "@electric-sql/pglite/contrib/pg_trgm";
import { type FieldDef, Pool, type QueryArrayConfig } from "pg";
import { z } from "zod";
import { serveJson } from "./json-server.ts";

/*
 * The HTTP protocol of Neon's serverless driver, over PGlite or a PostgreSQL server. Both engines
 * speak the extended query protocol and pass text through untouched, so that what works on one
 * works on the other. Sources: the driver's httpQuery.ts and Neon's sql_over_http.rs.
 */

export type Text = string | null;

export interface Statement {
  query: string;
  params: Text[];
}

export interface RawResult {
  fields: FieldDef[];
  rows: Text[][];
  /** First word of the command tag; empty when there was no command. */
  command: string;
  /** Null for commands that count nothing, such as CREATE. */
  rowCount: number | null;
}

const ISOLATION_LEVELS = {
  ReadUncommitted: "READ UNCOMMITTED",
  ReadCommitted: "READ COMMITTED",
  RepeatableRead: "REPEATABLE READ",
  Serializable: "SERIALIZABLE",
} as const;

export interface BatchOptions {
  isolationLevel?: keyof typeof ISOLATION_LEVELS;
  readOnly?: boolean;
  deferrable?: boolean;
}

export interface SqlEngine {
  /** An aborted signal drops a statement that still waits for its turn, never one under way. */
  query(statement: Statement, signal?: AbortSignal): Promise<RawResult>;
  /** One transaction: everything or nothing. */
  batch(
    statements: Statement[],
    options?: BatchOptions,
    signal?: AbortSignal,
  ): Promise<RawResult[]>;
  close(): Promise<void>;
}

/** Runs a statement on one connection. */
type Run = (query: string, params?: Text[]) => Promise<RawResult>;

/** Lends a connection and takes it back outside of any transaction, whoever left one open. */
type Lend = <T>(work: (run: Run) => Promise<T>) => Promise<T>;

function engineOver(lend: Lend, close: () => Promise<void>): SqlEngine {
  return {
    query: ({ query, params }, signal) =>
      lend((run) => {
        signal?.throwIfAborted();
        return run(query, params);
      }),
    batch: (statements, options = {}, signal) =>
      lend(async (run) => {
        signal?.throwIfAborted();
        await run(beginStatement(options));
        const results: RawResult[] = [];
        for (const { query, params } of statements) results.push(await run(query, params));
        await run("COMMIT");
        return results;
      }),
    close,
  };
}

function beginStatement({ isolationLevel, readOnly, deferrable }: BatchOptions): string {
  const modes: string[] = [];
  if (isolationLevel) modes.push(`ISOLATION LEVEL ${ISOLATION_LEVELS[isolationLevel]}`);
  if (readOnly) modes.push("READ ONLY");
  if (deferrable) modes.push("DEFERRABLE");
  return `START TRANSACTION ${modes.join(", ")}`;
}

/** In memory without `dataDir`. Two engines must never share a directory: PGlite does not lock it. */
export async function pgliteEngine(options: { dataDir?: string } = {}): Promise<SqlEngine> {
  if (options.dataDir !== undefined) await mkdir(options.dataDir, { recursive: true });
  const db = await PGlite.create({ ...options, extensions: { pg_trgm } });
  // The protocol and not db.query(), whose parsers turn values into JavaScript's, type by type, and
  // whose answer leaves out most of what a field says.
  const run: Run = async (text, values = []) => {
    const { parse, bind, describe, execute, sync } = protocol.serialize;
    const portal = [bind({ values }), describe({ type: "P" }), execute()];
    const conversation = Buffer.concat([parse({ text }), ...portal, sync()]);
    return readMessages(await db.execProtocolStream(conversation));
  };
  // There is only one connection: whoever comes next waits until the one before has given it back.
  let last: Promise<unknown> = Promise.resolve();
  const lend: Lend = (work) => {
    const turn = last.then(async () => {
      if (db.closed) throw new Error("the database is closed");
      return work(run).finally(() => (db.isInTransaction() ? run("ROLLBACK") : undefined));
    });
    last = turn.catch(() => undefined);
    return turn;
  };
  return engineOver(lend, () => last.then(() => db.close()));
}

type ProtocolMessages = Awaited<ReturnType<PGlite["execProtocolStream"]>>;

function readMessages(received: ProtocolMessages): RawResult {
  const result: RawResult = { fields: [], rows: [], command: "", rowCount: null };
  for (const message of received) {
    if (message instanceof messages.RowDescriptionMessage) {
      result.fields = message.fields.map((field) => ({ ...field, format: "text" }));
    } else if (message instanceof messages.DataRowMessage) {
      result.rows.push(message.fields);
    } else if (message instanceof messages.CommandCompleteMessage) {
      // "INSERT 0 3" counts in its third word, "UPDATE 3" in its second, "CREATE TABLE" not at all.
      const words = message.text.split(" ");
      const count = Number.parseInt(words.at(-1) ?? "", 10);
      result.command = words[0] ?? "";
      result.rowCount = Number.isNaN(count) ? null : count;
    }
  }
  return result;
}

/** A pool on a PostgreSQL server. It outlives the server's death and finds it again. */
export function postgresEngine(options: { connectionString: string; max?: number }): SqlEngine {
  const pool = new Pool({
    connectionString: options.connectionString,
    max: options.max ?? 20,
    keepAlive: true,
    // Without it a caller would wait for ever on a server that is stopped but still listens.
    connectionTimeoutMillis: 10_000,
    // What the driver's parsers expect, and what PGlite has by default.
    options: "-c TimeZone=UTC -c DateStyle=ISO,MDY -c IntervalStyle=postgres",
  });
  // A connection that breaks while nobody waits on it says so by an event, which would end the
  // process if nobody listened; the pool has already forgotten the connection by then.
  pool.on("error", () => undefined);
  pool.on("connect", (client) => client.on("error", () => undefined));

  const lend: Lend = async (work) => {
    const client = await pool.connect();
    const run: Run = async (text, values = []) => {
      const config: QueryArrayConfig & { queryMode: "extended" } = {
        text,
        values,
        rowMode: "array",
        types: { getTypeParser: () => String },
        // Otherwise a text without parameters could hold several statements.
        queryMode: "extended",
      };
      const { fields, rows, command, rowCount } = await client.query<Text[]>(config);
      return { fields, rows, command: command ?? "", rowCount };
    };
    let broken = false;
    try {
      return await work(run);
    } finally {
      if (client.getTransactionStatus() !== "I") await run("ROLLBACK").catch(() => (broken = true));
      client.release(broken);
    }
  };
  return engineOver(lend, () => pool.end());
}

/** A request that no database has seen. */
class RequestError extends Error {
  readonly status: number;

  constructor(message: string, status = 400) {
    super(message);
    this.status = status;
  }
}

const MAX_BODY_BYTES = 64 * 1024 * 1024;

const wellFormed = z.string().refine((text) => text.isWellFormed());
const statementSchema = z.object({
  // PostgreSQL's protocol ends a statement at its first NUL, so one inside cannot be passed on.
  query: wellFormed.refine((text) => !text.includes("\0")),
  // The driver makes text of everything, arrays and objects too, before it sends it.
  params: z.array(wellFormed.nullable()).default([]),
});
const payloadSchema = z.union([z.object({ queries: z.array(statementSchema) }), statementSchema]);

const isLevel = (level: unknown) => Object.hasOwn(ISOLATION_LEVELS, String(level));
const headersSchema = z.object({
  // The engine knows where its database is; the header has to be there all the same.
  "neon-connection-string": z.string().regex(/^postgres(ql)?:\/\//),
  // Without these two Neon answers parsed values and rows by name; the driver never asks for that.
  "neon-raw-text-output": z.literal("true"),
  "neon-array-mode": z.literal("true"),
  "neon-batch-isolation-level": z.custom<keyof typeof ISOLATION_LEVELS>(isLevel).optional(),
  "neon-batch-read-only": z.string().optional(),
  "neon-batch-deferrable": z.string().optional(),
});

/** Serves `POST /sql`. Closing it leaves the engine open. */
export async function servePostgresHttp(options: {
  engine: SqlEngine;
  port?: number;
  host?: string;
}): Promise<{ url: string; port: number; close(): Promise<void> }> {
  const { engine, host = "127.0.0.1" } = options;
  const { port, close } = await serveJson({
    answer: (request, gone) => answer(engine, request, gone).catch(describeError),
    port: options.port,
    host,
  });
  return { url: `http://${host}:${port}/sql`, port, close };
}

type Answer = { status: number; body: object };

async function answer(
  engine: SqlEngine,
  request: IncomingMessage,
  signal: AbortSignal,
): Promise<Answer> {
  if (request.method !== "POST" || request.url !== "/sql") throw new RequestError("not found", 404);
  const headers = headersSchema.safeParse(request.headers);
  if (!headers.success) {
    throw new RequestError(
      `missing or wrong header: ${headers.error.issues[0]?.path[0] as string}`,
    );
  }
  const payload = payloadSchema.safeParse(await readJson(request));
  if (!payload.success) throw new RequestError("the body is not a statement or a batch of them");
  if (!("queries" in payload.data)) {
    const result = await engine.query(payload.data, signal);
    return { status: 200, body: { ...result, rowAsArray: true } };
  }
  const level = headers.data["neon-batch-isolation-level"];
  const options: BatchOptions = {
    ...(level && { isolationLevel: level }),
    readOnly: headers.data["neon-batch-read-only"] === "true",
    deferrable: headers.data["neon-batch-deferrable"] === "true",
  };
  const results = await engine.batch(payload.data.queries, options, signal);
  return { status: 200, body: { results: results.map((r) => ({ ...r, rowAsArray: true })) } };
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new RequestError("the body is too large", 413);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks)));
  } catch {
    throw new RequestError("the body is not JSON in UTF-8");
  }
}

function describeError(error: unknown): Answer {
  const { message, severity, code } = Object(error) as Partial<Record<string, unknown>>;
  if (error instanceof RequestError) return { status: error.status, body: { message } };
  // Only PostgreSQL's own errors have a severity. A code alone proves nothing: EPIPE looks like an
  // SQLSTATE. Everything else means that the database was not reached, and the driver reads no
  // code from an answer other than 400.
  const isPostgres = typeof severity === "string" && typeof code === "string";
  if (!isPostgres) return { status: 500, body: { message: String(message || error) } };
  return { status: 400, body: { ...(error as object), message } };
}
