import type { TestProject } from "vitest/node";
import { pgliteEngine } from "../../dev/postgres-http.ts";
import { serveRedisHttp } from "../../dev/redis-http.ts";
import { provideWorld } from "./global-setup.ts";
import { startRedis } from "./servers.ts";

/** The usual world with a real Redis behind the protocol of Upstash, and the limits as they ship. */
export default async function setup(project: TestProject) {
  const server = await startRedis();
  const redis = await serveRedisHttp({ redisUrl: server.connectionString, token: "local" });
  const close = await provideWorld(project, await pgliteEngine(), {
    UPSTASH_REDIS_REST_URL: redis.url,
    UPSTASH_REDIS_REST_TOKEN: redis.token,
    FLOOD_CEILING: "600",
  });
  return async () => {
    await close();
    await redis.close();
    await server.stop();
  };
}
