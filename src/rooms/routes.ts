import { z } from "@hono/zod-openapi";
import { authenticate, bearerToken, requirePermission } from "../http/middleware/authenticate.ts";
import { bearer, problems, requestIdHeader, SECURED } from "../http/openapi.ts";
import { Problem } from "../http/problem.ts";
import { createRouter, operation } from "../http/router.ts";
import { BEARER_PROTOCOL_PREFIX, ROOMS, type RoomName, SUBPROTOCOL } from "./protocol.ts";
import { type ObserverTicket, TICKET_HEADER } from "./room.ts";

/** Browsers cannot set headers on a WebSocket, so the token may come as a subprotocol. */
function observerToken(request: Request): string | undefined {
  return (
    bearerToken(request) ??
    offeredProtocols(request)
      .find((protocol) => protocol.startsWith(BEARER_PROTOCOL_PREFIX))
      ?.slice(BEARER_PROTOCOL_PREFIX.length)
  );
}

function offeredProtocols(request: Request): string[] {
  const offered = request.headers.get("sec-websocket-protocol") ?? "";
  return offered.split(",").map((protocol) => protocol.trim());
}

function isRoom(name: string): name is RoomName {
  return (ROOMS as readonly string[]).includes(name);
}

const observeRoom = operation(
  {
    method: "get",
    path: "/rooms/{room}",
    operationId: "observeRoom",
    tags: ["Rooms"],
    summary: "Observe a room over WebSocket",
    description: `Upgrade with the subprotocol \`${SUBPROTOCOL}\`. Where the \`Authorization\` header cannot be set, offer \`${SUBPROTOCOL}, ${BEARER_PROTOCOL_PREFIX}<jwt>\`. The server sends \`hello {room, epoch, head}\`, then \`events {events: [{id, type, time, data}]}\`. The text frame \`ping\` is answered with \`pong\`. Close codes: 4400 malformed frame, 4401 token expired.`,
    security: bearer,
    middleware: [authenticate(observerToken)] as const,
    request: {
      params: z.object({
        room: z.string().openapi({ param: { name: "room", in: "path" }, example: "inquiries" }),
      }),
    },
    responses: {
      101: {
        description: "Switching protocols: the room's frames follow.",
        headers: {
          ...requestIdHeader,
          "Sec-WebSocket-Protocol": {
            schema: { type: "string" as const },
            description: `\`${SUBPROTOCOL}\`, when it was offered.`,
          },
        },
      },
      ...problems(...SECURED, "origin_not_allowed", "room_not_found", "upgrade_required"),
    },
  },
  async (c) => {
    const { deps, principal } = c.var;
    const room = c.req.param("room") ?? "";
    if (!isRoom(room)) throw new Problem("room_not_found");
    await requirePermission(deps.permissions, principal, "room", room);
    const request = c.req.raw;
    if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
      throw new Problem("upgrade_required", { headers: { upgrade: "websocket" } });
    }
    // Programs send no Origin; a browser always does, and cannot lie about it (RFC 6455, 10.2).
    const origin = request.headers.get("origin");
    if (origin !== null && !deps.config.allowedOrigins.has(origin)) {
      throw new Problem("origin_not_allowed");
    }
    const ticket: ObserverTicket = {
      room,
      view: (await deps.permissions.allows(principal, "inquiry", "contact")) ? "full" : "masked",
      expiresAt: principal.expiresAt,
    };
    const headers = new Headers(request.headers);
    headers.delete("authorization");
    // The token goes no further than this Worker.
    const protocols = offeredProtocols(request).filter((name) => name === SUBPROTOCOL);
    headers.delete("sec-websocket-protocol");
    for (const protocol of protocols) headers.set("sec-websocket-protocol", protocol);
    headers.set("x-request-id", c.var.requestId);
    headers.set(TICKET_HEADER, JSON.stringify(ticket));
    return c.env.ROOMS.getByName(room).fetch(new Request(request, { headers }));
  },
);

export const roomRoutes = createRouter().openapiRoutes([observeRoom]);
