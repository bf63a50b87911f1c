import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Emitter } from "@socket.io/redis-emitter";
import { createClient } from "redis";
import { freePort } from "../../test/support/processes.ts";
import { startRedis } from "../../test/support/servers.ts";
import { pin } from "../usage.ts";

/** Socket.IO with its Redis adapter, a real Redis, and a Redis emitter in this process. */
export async function startSocketIo() {
  const redis = await startRedis();
  pin(redis.pid, "client");
  const port = await freePort();
  const client = createClient({ url: redis.connectionString });
  await client.connect();
  const emitter = new Emitter(client);
  let child: ChildProcess;

  async function start(): Promise<void> {
    child = fork(fileURLToPath(new URL("socket-io-server.ts", import.meta.url)), {
      env: { ...process.env, PORT: String(port), REDIS_URL: redis.connectionString },
    });
    await once(child, "message");
    pin(child.pid as number, "server");
  }

  async function kill(): Promise<void> {
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }

  await start();
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    get pid() {
      return child.pid as number;
    },
    emit(data: unknown): void {
      emitter.to("inquiries").emit("happened", data);
    },
    kill,
    start,
    async stop(): Promise<void> {
      await kill();
      client.destroy();
      await redis.stop();
    },
  };
}
