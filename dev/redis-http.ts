import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { createClient, ErrorReply, MultiErrorReply, RESP_TYPES } from "@redis/client";
import { z } from "zod";
import { serveJson } from "./json-server.ts";

/*
 * The REST protocol of Upstash Redis over a Redis server, so that `@upstash/redis` itself is what
 * runs locally and in tests. Source: https://upstash.com/docs/redis/features/restapi; commands as
 * JSON arrays only, the form the library sends.
 */

const MAX_BODY_BYTES = 1024 * 1024;
const RECONNECT_MS = 100;

const command = z.array(z.union([z.string(), z.number(), z.boolean()]).transform(String)).min(1);
const commands = z.array(command);

/** Texts arrive as bytes: only so can they be told from numbers and passed on unharmed. */
type Reply = null | number | bigint | string | Buffer | Error | Reply[];

interface RedisEngine {
  /** @throws {ErrorReply} what Redis itself answers; any other error means that it is away */
  command(args: string[]): Promise<Reply>;
  transaction(list: string[][]): Promise<Reply[]>;
  close(): Promise<void>;
}

/** One connection, which comes back by itself; while it is gone every command fails at once. */
async function connectRedis(url: string): Promise<RedisEngine> {
  const client = createClient({
    url,
    RESP: 2,
    disableOfflineQueue: true,
    socket: { reconnectStrategy: () => RECONNECT_MS, connectTimeout: 1_000 },
  });
  // Each lost connection is an event, which would end the process if nobody listened.
  client.on("error", () => undefined);
  await client.connect();
  const bytes = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
  return {
    command: (args) => bytes.sendCommand(args) as Promise<Reply>,
    transaction: async (list) => {
      const multi = bytes.multi();
      for (const args of list) multi.addCommand(args);
      try {
        return (await multi.exec()) as unknown as Reply[];
      } catch (error) {
        if (error instanceof MultiErrorReply) return error.replies as unknown as Reply[];
        throw error;
      }
    },
    close: async () => client.destroy(),
  };
}

export interface RedisHttp {
  readonly url: string;
  readonly token: string;
  close(): Promise<void>;
}

/**
 * Serves `POST /` (one command), `POST /pipeline` and `POST /multi-exec`.
 * @param options.redisUrl `redis://[user:password@]host:port`; rejects when nobody answers there
 * @param options.token what callers have to send as a bearer token
 */
export async function serveRedisHttp(options: {
  redisUrl: string;
  token: string;
  port?: number;
  host?: string;
}): Promise<RedisHttp> {
  const { redisUrl, token, host = "127.0.0.1" } = options;
  const redis = await connectRedis(redisUrl);
  const server = await serveJson({
    answer: (request) => answer(redis, token, request).catch(describeError),
    port: options.port,
    host,
  });
  return {
    url: `http://${host}:${server.port}`,
    token,
    close: async () => {
      await redis.close();
      await server.close();
    },
  };
}

interface Answer {
  status: number;
  body: unknown;
}

/** A request that no Redis has seen. */
class RequestError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

async function answer(
  redis: RedisEngine,
  token: string,
  request: IncomingMessage,
): Promise<Answer> {
  if (!isAuthorized(request.headers.authorization, token)) {
    throw new RequestError(401, "WRONGPASS invalid or missing auth token");
  }
  if (request.method !== "POST") throw new RequestError(405, "ERR only POST is served here");
  const encode = encoder(request.headers["upstash-encoding"] === "base64");
  const body = await readJson(request);
  switch (request.url) {
    case "/": {
      const args = command.safeParse(body);
      if (!args.success) throw new RequestError(400, "ERR the body is not a command");
      return { status: 200, body: { result: encode(await redis.command(args.data)) } };
    }
    case "/pipeline": {
      const list = parseCommands(body);
      const replies = list.map((args) => redis.command(args).catch(asReply));
      return {
        status: 200,
        body: (await Promise.all(replies)).map((reply) => item(reply, encode)),
      };
    }
    case "/multi-exec": {
      const replies = await redis.transaction(parseCommands(body));
      return { status: 200, body: replies.map((reply) => item(reply, encode)) };
    }
    default:
      throw new RequestError(404, "ERR no such path");
  }
}

function parseCommands(body: unknown): string[][] {
  const list = commands.safeParse(body);
  if (!list.success) throw new RequestError(400, "ERR the body is not a list of commands");
  return list.data;
}

function isAuthorized(header: string | undefined, token: string): boolean {
  const given = Buffer.from(header ?? "");
  const expected = Buffer.from(`Bearer ${token}`);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** In a pipeline Redis' errors are answers; that Redis is away is not. */
function asReply(error: unknown): Reply {
  if (error instanceof ErrorReply) return error;
  throw error;
}

type Encode = (reply: Reply) => unknown;

const item = (reply: Reply, encode: Encode) =>
  reply instanceof Error ? { error: reply.message } : { result: encode(reply) };

/** Status replies other than OK are encoded as well: the library decodes everything else. */
function encoder(base64: boolean): Encode {
  const encode: Encode = (reply) => {
    if (Array.isArray(reply)) return reply.map(encode);
    if (reply === "OK" || reply === null || typeof reply === "number") return reply;
    if (typeof reply === "bigint") return Number(reply);
    const bytes = Buffer.isBuffer(reply) ? reply : Buffer.from(String(reply));
    return bytes.toString(base64 ? "base64" : "utf8");
  };
  return encode;
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new RequestError(413, "ERR the body is too large");
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    throw new RequestError(400, "ERR the body is not JSON");
  }
}

function describeError(error: unknown): Answer {
  const { message } = Object(error) as Partial<Error>;
  if (error instanceof RequestError) return { status: error.status, body: { error: message } };
  if (error instanceof ErrorReply) return { status: 400, body: { error: message } };
  return { status: 503, body: { error: `ERR redis is away: ${message ?? "unknown"}` } };
}
