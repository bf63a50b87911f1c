import { Redis } from "@upstash/redis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RedisHttp, serveRedisHttp } from "../../dev/redis-http.ts";
import type { RunningServer } from "../support/processes.ts";
import { findRedis, laneAvailable, startRedis } from "../support/servers.ts";

describe.runIf(laneAvailable("redis", findRedis()))("Redis over HTTP", () => {
  let server: RunningServer;
  let http: RedisHttp;
  let redis: Redis;

  beforeAll(async () => {
    server = await startRedis();
    http = await serveRedisHttp({ redisUrl: server.connectionString, token: "secret" });
    redis = new Redis({ url: http.url, token: http.token, retry: { retries: 0 } });
  });

  afterAll(async () => {
    await http.close();
    await server.stop();
  });

  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(`${http.url}${path}`, {
      method: "POST",
      headers: { authorization: "Bearer secret", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });

  it.each([
    ["text", "héllo 😀"],
    ["text that looks like base64", "UE9ORw=="],
    ["the text OK", "OK"],
    ["a number", 42],
    ["an object", { a: [1, "two", null] }],
    ["an empty text", ""],
  ])("hands the library back %s as it was stored", async (_, value) => {
    const key = crypto.randomUUID();
    expect(await redis.set(key, value)).toBe("OK");
    expect(await redis.get(key)).toEqual(value);
  });

  it("answers nothing with null, and PING with PONG", async () => {
    expect(await redis.get(crypto.randomUUID())).toBeNull();
    expect(await redis.ping()).toBe("PONG");
  });

  it("runs a script, and hands over nested lists", async () => {
    const answer = await redis.eval("return {1, {KEYS[1], ARGV[1]}, 'text'}", ["key"], ["7"]);
    expect(answer).toEqual([1, ["key", 7], "text"]);
  });

  it("answers base64 only when asked to", async () => {
    const key = crypto.randomUUID();
    await redis.set(key, "text");
    expect(await (await post("/", ["GET", key])).json()).toEqual({ result: "text" });
    const encoded = await post("/", ["GET", key], { "upstash-encoding": "base64" });
    expect(await encoded.json()).toEqual({ result: "dGV4dA==" });
  });

  it("answers a pipeline command by command, errors among them", async () => {
    const key = crypto.randomUUID();
    const list = [
      ["SET", key, "text"],
      ["INCR", key],
      ["GET", key],
    ];
    const answer = await post("/pipeline", list);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual([
      { result: "OK" },
      { error: expect.stringMatching(/^ERR value is not an integer/) },
      { result: "text" },
    ]);
  });

  it("runs a transaction through the library", async () => {
    const key = crypto.randomUUID();
    expect(await redis.multi().incr(key).incr(key).get(key).exec()).toEqual([1, 2, 2]);
  });

  it("answers 400 with the error of Redis", async () => {
    const answer = await post("/", ["NOSUCHCOMMAND"]);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toEqual({ error: expect.stringMatching(/^ERR unknown command/) });
    await expect(redis.eval("syntax error", [], [])).rejects.toThrow("ERR");
  });

  it.each([
    ["no token", {}],
    ["another token", { authorization: "Bearer other" }],
    ["another scheme", { authorization: "Basic secret" }],
  ])("refuses %s", async (_, headers) => {
    const answer = await fetch(http.url, { method: "POST", headers, body: '["PING"]' });
    expect(answer.status).toBe(401);
    expect(await answer.json()).toHaveProperty("error");
  });

  it.each([
    ["something that is not JSON", "/", "{"],
    ["an empty command", "/", []],
    ["a command that is not a list", "/", { command: "PING" }],
    ["a pipeline of texts", "/pipeline", ["PING"]],
  ])("refuses %s", async (_, path, body) => {
    expect((await post(path, body)).status).toBe(400);
  });

  it("fails at once while Redis is dead, and works again when it is back", async () => {
    await server.kill();
    expect((await post("/", ["PING"])).status).toBe(503);
    await server.start();
    await expect.poll(async () => (await post("/", ["PING"])).status).toBe(200);
  });
});
