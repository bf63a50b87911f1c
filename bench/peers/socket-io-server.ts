import { createServer } from "node:http";
import { createAdapter } from "@socket.io/redis-adapter";
import { createClient } from "redis";
import { Server } from "socket.io";

/**
 * What Outreach's rooms took the place of, as its own documentation sets it up: Socket.IO with the
 * Redis adapter, so that a program elsewhere can publish with the Redis emitter. Run by
 * `socket-io.ts` as a process of its own: `PORT`, `REDIS_URL`.
 */
const publisher = createClient({ url: process.env["REDIS_URL"] ?? "" });
const subscriber = publisher.duplicate();
await Promise.all([publisher.connect(), subscriber.connect()]);

const server = createServer((_request, response) => response.end());
const sockets = new Server(server, { adapter: createAdapter(publisher, subscriber) });
sockets.on("connection", (socket) => void socket.join("inquiries"));
server.listen(Number(process.env["PORT"]), "127.0.0.1", () => process.send?.("ready"));
