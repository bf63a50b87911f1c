import { z } from "@hono/zod-openapi";
import { authenticate, bearerToken } from "../http/middleware/authenticate.ts";
import { bearer, problems, requestIdHeader, SECURED } from "../http/openapi.ts";
import { Problem } from "../http/problem.ts";
import { createRouter, operation } from "../http/router.ts";
import { viewOf } from "./access.ts";
import {
  BEARER_PROTOCOL_PREFIX,
  CLOSE,
  MAX_UNACKNOWLEDGED,
  ROOMS,
  type RoomName,
  SUBPROTOCOL,
} from "./protocol.ts";
import { regionOf } from "./region.ts";
import { enterRoom, type ObserverTicket, offeredProtocols } from "./ticket.ts";

/** Browsers cannot set headers on a WebSocket, so the token may come as a subprotocol. */
function observerToken(request: Request): string | undefined {
  return (
    bearerToken(request) ??
    offeredProtocols(request)
      .find((protocol) => protocol.startsWith(BEARER_PROTOCOL_PREFIX))
      ?.slice(BEARER_PROTOCOL_PREFIX.length)
  );
}

function isRoom(name: string): name is RoomName {
  return (ROOMS as readonly string[]).includes(name);
}

const EVENT_ID = /^(0|[1-9]\d{0,14})$/;
const EPOCH = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** `?since=<id>&epoch=<epoch>`, both or neither. @throws {Problem} `invalid_offset` */
function offsetOf(query: URLSearchParams): ObserverTicket["from"] {
  const since = query.getAll("since");
  const epoch = query.getAll("epoch");
  if (since.length === 0 && epoch.length === 0) return undefined;
  const [id = ""] = since;
  const [of = ""] = epoch;
  const single = since.length === 1 && epoch.length === 1;
  if (!single || !EVENT_ID.test(id) || !EPOCH.test(of)) throw new Problem("invalid_offset");
  return { since: Number(id), epoch: of };
}

const observeRoom = operation(
  {
    method: "get",
    path: "/rooms/{room}",
    operationId: "observeRoom",
    tags: ["Rooms"],
    summary: "Observe a room over WebSocket",
    description: `Upgrade with the subprotocol \`${SUBPROTOCOL}\`. Where the \`Authorization\` header cannot be set, offer \`${SUBPROTOCOL}, ${BEARER_PROTOCOL_PREFIX}<jwt>\`. The server sends \`hello {room, epoch, head, recovered, gap}\`, then \`events {events: [{id, type, time, data}], more?}\` and \`presence {observers}\`, and \`problem {code}\` before it closes the socket itself; the client acknowledges with \`ack {id}\`. Ids count up by one within an epoch; \`since\` and \`epoch\` replay what was missed. The text frame \`ping\` is answered with \`pong\`. Close codes: ${CLOSE.tooFarBehind} more than ${MAX_UNACKNOWLEDGED} events behind its acknowledgements, ${CLOSE.malformedFrame} malformed frame, ${CLOSE.tokenExpired} token expired, ${CLOSE.forbidden} the roles no longer allow the room.`,
    security: bearer,
    middleware: [authenticate(observerToken)] as const,
    request: {
      params: z.object({
        room: z.string().openapi({ param: { name: "room", in: "path" }, example: "inquiries" }),
      }),
      // Read by `offsetOf`, which answers 400: here they are only described.
      query: z.object({
        since: z.unknown().optional().openapi({
          type: "string",
          description: "Id of the newest event that the client has.",
          example: "41",
        }),
        epoch: z.unknown().optional().openapi({
          type: "string",
          description: "The epoch it belongs to, from `hello`.",
          example: "0b1c9d8e-6f0a-4a52-9d0e-3f5b7c1a2d4e",
        }),
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
      ...problems(
        ...SECURED,
        "invalid_offset",
        "not_acceptable",
        "origin_not_allowed",
        "room_not_found",
        "room_unavailable",
        "upgrade_required",
      ),
    },
  },
  async (c) => {
    const { deps, principal } = c.var;
    const room = c.req.param("room") ?? "";
    if (!isRoom(room)) throw new Problem("room_not_found");
    const access = { room, roles: principal.roles };
    const view = await viewOf(deps.permissions, access);
    if (view === undefined) throw new Problem("forbidden");
    const request = c.req.raw;
    if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
      throw new Problem("upgrade_required", { headers: { upgrade: "websocket" } });
    }
    // Programs send no Origin; a browser always does, and cannot lie about it (RFC 6455, 10.2).
    const origin = request.headers.get("origin");
    if (origin !== null && !deps.config.allowedOrigins.has(origin)) {
      throw new Problem("origin_not_allowed");
    }
    const { direct, perRelay } = deps.config.rooms;
    const ticket: ObserverTicket = {
      room,
      view,
      roles: principal.roles,
      expiresAt: principal.expiresAt,
      from: offsetOf(new URL(request.url).searchParams),
      direct,
      perRelay,
      region: regionOf(request.cf as IncomingRequestCfProperties | undefined),
    };
    const answer = await enterRoom(c.env.ROOMS, request, ticket, c.var.requestId).catch((error) => {
      deps.log.error("room unavailable", { rooms: [room], error: String(error?.name) });
      return undefined;
    });
    if (answer?.status !== 101) throw new Problem("room_unavailable");
    return answer;
  },
);

export const roomRoutes = createRouter().openapiRoutes([observeRoom]);
