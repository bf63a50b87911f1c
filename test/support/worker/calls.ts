import { as, call } from "./app.ts";
import { send } from "./desk.ts";
import { addressOf, type Operation } from "./document.ts";
import { appWith } from "./own-app.ts";

/** Makes an operation answer. */
export type Call = (operation: Operation) => Promise<Response>;

export const withToken =
  (who: Parameters<typeof as>[0], query = ""): Call =>
  (operation) =>
    call(addressOf(operation) + query, { headers: as(who) });
export const forAnImage: Call = (operation) =>
  call(addressOf(operation), { headers: { ...as("owner"), accept: "image/png" } });
export const withoutToken: Call = (operation) =>
  call(addressOf(operation), { method: operation.method });
export const misconfigured: Call = (operation) =>
  appWith({ SIGNING_KEY: "" }).call(addressOf(operation), { method: operation.method });

/** The operation with a body of this kind, by the owner. */
export const withBody =
  (body: string, type = "application/json"): Call =>
  (operation) =>
    call(addressOf(operation), {
      method: operation.method,
      headers: { ...as("owner"), "content-type": type },
      body,
    });
export const by =
  (who: Parameters<typeof as>[0]): Call =>
  (operation) =>
    send(operation.method, addressOf(operation), who);
/** How every operation behind a token refuses, and says that it cannot work. */
export const GUARDED = { 401: [withoutToken], 403: [by("visitor")], 503: [misconfigured] };
export const READING = { ...GUARDED, 406: [forAnImage] };
/** How every operation that takes JSON refuses what is none. */
export const TAKING_JSON = {
  400: [withBody("{")],
  413: [withBody(JSON.stringify("x".repeat(70_000)))],
  415: [withBody("a", "text/plain")],
  422: [withBody("[]")],
};
