import app from "../src/index.ts";
import { enterRoom } from "../src/rooms/ticket.ts";

export * from "../src/index.ts";

/**
 * The Worker itself, with three more addresses for measuring its rooms without a database:
 * `GET /bench/observe?room=…&direct=…&perRelay=…` is the upgrade without a token, `POST
 * /bench/publish?room=…` publishes each event of the JSON list in the body by a call of its own, as
 * that many submissions would, `GET /bench/status?room=…` tells how the room is. Never deployed.
 */
export default {
  async fetch(request, env, ctx) {
    const url = new URL(request.url);
    if (!url.pathname.startsWith("/bench/")) return app.fetch(request, env, ctx);
    const { searchParams: query } = url;
    const room = query.get("room") ?? "inquiries";
    const number = (name: string) => (query.has(name) ? Number(query.get(name)) : undefined);
    switch (url.pathname) {
      case "/bench/observe": {
        const since = number("since");
        const epoch = query.get("epoch") ?? "";
        const ticket = {
          room,
          view: "full" as const,
          expiresAt: 4_000_000_000,
          from: since === undefined ? undefined : { since, epoch },
          direct: number("direct"),
          perRelay: number("perRelay"),
        };
        return enterRoom(env.ROOMS, request, ticket, "bench");
      }
      case "/bench/publish": {
        const events = (await request.json()) as { key: string; data: unknown }[];
        const time = new Date().toISOString();
        const stub = env.ROOMS.getByName(room);
        await Promise.all(
          events.map((event) => stub.publish([{ type: "bench.happened", time, ...event }])),
        );
        return new Response(null, { status: 204 });
      }
      case "/bench/status":
        return Response.json(await env.ROOMS.getByName(room).status());
      default:
        return new Response(null, { status: 404 });
    }
  },
} satisfies ExportedHandler<Env>;
