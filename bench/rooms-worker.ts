import app, { ObservationRoom as DeployedRoom } from "../src/index.ts";
import type { PublishedEvent } from "../src/rooms/event.ts";
import { enterRoom } from "../src/rooms/ticket.ts";
import type { Burst } from "./burst.ts";

export * from "../src/index.ts";

const ABORTED = "aborted by the bench";

/** The room itself, which can be aborted as a deployment or a move of the object aborts it. */
export class ObservationRoom extends DeployedRoom {
  abort(): void {
    this.ctx.abort(ABORTED);
  }
}

/**
 * The Worker itself, with five more addresses for measuring its rooms without a database. Never
 * deployed.
 *
 * - `GET /bench/observe?room=…&direct=…&perRelay=…` is the upgrade without a token.
 * - `POST /bench/publish?room=…` publishes each event of the JSON list in the body by a call of its
 *   own, as that many submissions would, or with `&together` all of them by one, as a bulk triage does.
 * - `POST /bench/burst?room=…` publishes a `Burst`, and answers when it is over.
 * - `POST /bench/evict?room=…&abort` has the room's object lose its memory and its sockets, whatever
 *   it is doing; with `&hibernate` its memory alone, once that is done.
 * - `GET /bench/status?room=…` tells how the room is.
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
        const whole = events.map((event) => ({ ...happened(), ...event }));
        await publish(env.ROOMS.getByName(room), whole, query.has("together"));
        return new Response(null, { status: 204 });
      }
      case "/bench/burst": {
        await burst(env.ROOMS.getByName(room), (await request.json()) as Burst);
        return new Response(null, { status: 204 });
      }
      case "/bench/evict": {
        const rooms = env.ROOMS as DurableObjectNamespace<ObservationRoom>;
        if (query.has("hibernate")) await hibernate(rooms.getByName(room));
        else await abort(rooms.getByName(room));
        return new Response(null, { status: 204 });
      }
      case "/bench/status":
        return Response.json(await env.ROOMS.getByName(room).status());
      default:
        return new Response(null, { status: 404 });
    }
  },
} satisfies ExportedHandler<Env>;

type Room = ReturnType<Env["ROOMS"]["getByName"]>;

function happened() {
  return { type: "bench.happened", time: new Date().toISOString() };
}

async function publish(room: Room, events: PublishedEvent[], together: boolean): Promise<void> {
  if (together) await room.publish(events);
  else await Promise.all(events.map((event) => room.publish([event])));
}

/** @throws when the object has survived it */
async function abort(room: DurableObjectStub<ObservationRoom>): Promise<void> {
  const answer = await room.abort().catch(({ message }: Error) => message);
  if (answer !== ABORTED) throw new Error(`not aborted: ${answer}`);
}

async function hibernate(room: Room): Promise<void> {
  // Wakes it: one that hibernates already cannot be told to.
  await room.status();
  // Part of workerd, so its name must not be one that wrangler sees and looks for.
  const { default: unsafe } = await import(["workerd", "unsafe"].join(":"));
  await unsafe.evict(room, { webSockets: "hibernate" });
}

/** Publishes as submissions do: from within the Worker, at the time they come. */
async function burst(room: Room, { n, steps, atOnce, everyMs, together, text }: Burst) {
  const start = Date.now();
  const sent: Promise<void>[] = [];
  for (let step = 0; step < steps; step += 1) {
    await scheduler.wait(Math.max(0, start + step * everyMs - Date.now()));
    const events = Array.from({ length: atOnce }, (_, i) => ({
      ...happened(),
      key: crypto.randomUUID(),
      data: { n: n + step * atOnce + i + 1, sentAt: Date.now(), text },
    }));
    sent.push(publish(room, events, together));
  }
  await Promise.all(sent);
}
