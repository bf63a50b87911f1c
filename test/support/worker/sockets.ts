import { onTestFinished } from "vitest";
import type { RoomEvent, ServerFrame } from "../../../src/rooms/protocol.ts";
import { type ObserverTicket, TICKET_HEADER } from "../../../src/rooms/ticket.ts";
import { call } from "./app.ts";
import { noteLeak } from "./said.ts";

const DEADLINE_MS = 10_000;

/** Asks for a socket; the answer may be a refusal. */
export function knock(room: string, headers: Record<string, string> = {}): Promise<Response> {
  return call(`/rooms/${room}`, { headers: { upgrade: "websocket", ...headers } });
}

/** A socket in the room, past `hello`. */
export async function observe(room: string, headers: Record<string, string>) {
  return observerOf(await knock(room, headers));
}

/** A socket that the object itself accepts, without the Worker in front. */
export async function observeDirectly(
  stub: { fetch(url: string, init: RequestInit): Promise<Response> },
  ticket: Partial<ObserverTicket> = {},
) {
  const whole = { room: "inquiries", view: "full", expiresAt: 4_000_000_000, ...ticket };
  const headers = { upgrade: "websocket", [TICKET_HEADER]: JSON.stringify(whole) };
  return observerOf(await stub.fetch("https://room.test/", { headers }));
}

export async function observerOf(answer: Response) {
  const socket = answer.webSocket;
  if (socket === null) throw new Error(`no socket: ${answer.status} ${await answer.text()}`);
  const waiting: string[] = [];
  let wake = () => {};
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.addEventListener("close", ({ code, reason }) => resolve({ code, reason }));
  });
  const presences: number[] = [];
  socket.addEventListener("message", ({ data }) => {
    noteLeak("frame", String(data));
    // Comes when it comes, and would be in everybody's way.
    const presence = /^\{"type":"presence","observers":(\d+)\}$/.exec(String(data))?.[1];
    if (presence === undefined) waiting.push(String(data));
    else presences.push(Number(presence));
    wake();
  });
  socket.accept();
  onTestFinished(() => {
    if (socket.readyState === WebSocket.OPEN) socket.close();
  });

  function anotherFrame(): Promise<void> {
    const frame = new Promise<void>((resolve) => {
      wake = resolve;
    });
    return withDeadline(frame, "no frame");
  }
  async function nextText(): Promise<string> {
    while (waiting.length === 0) await anotherFrame();
    return waiting.shift() ?? "";
  }
  const nextFrame = async () => JSON.parse(await nextText()) as ServerFrame;
  const hello = await nextFrame();
  if (hello.type !== "hello") throw new Error(`not a hello: ${JSON.stringify(hello)}`);
  return {
    answer,
    socket,
    hello,
    nextText,
    nextFrame,
    ack(id: number): void {
      socket.send(JSON.stringify({ type: "ack", id }));
    },
    /** Resolves when the room has said that so many observe it. */
    async presence(observers: number): Promise<void> {
      while (!presences.includes(observers)) await anotherFrame();
    },
    /** Every presence it has been told. */
    told: (): readonly number[] => presences,
    /** The events of the next frame. */
    async nextEvents(): Promise<readonly RoomEvent[]> {
      const frame = await nextFrame();
      if (frame.type !== "events") throw new Error(`no events: ${JSON.stringify(frame)}`);
      return frame.events;
    },
    /** Frames that came and that nobody has read. */
    unread: (): readonly string[] => waiting,
    closed: () => withDeadline(closed, "not closed"),
  };
}

async function withDeadline<T>(promise: Promise<T>, complaint: string): Promise<T> {
  const tooLate = scheduler.wait(DEADLINE_MS).then(() => {
    throw new Error(`${complaint} within ${DEADLINE_MS} ms`);
  });
  return Promise.race([promise, tooLate]);
}
