import { env, exports } from "cloudflare:workers";
import { inject } from "vitest";
import { PREFIX } from "../../../src/app.ts";
import { createDatabase } from "../../../src/db/client.ts";
import { anAddress } from "./address.ts";
import { listenTo } from "./said.ts";
import { rememberTyped } from "./typed.ts";

/**
 * Sends a request to the Worker, each from a client of its own unless the test names one, so that no
 * test meets another's limits.
 * @param path below the prefix unless it begins with `//`
 */
export async function call(path: string, init: RequestInit = {}): Promise<Response> {
  rememberTyped(init.body);
  const at = path.startsWith("//") ? path.slice(1) : PREFIX + path;
  const request = new Request(`https://outreach.test${at}`, init);
  if (!request.headers.has("cf-connecting-ip")) {
    request.headers.set("cf-connecting-ip", anAddress());
  }
  return listenTo(path, await exports.default.fetch(request));
}

/** `Authorization` of a role's token. */
export function as(who: "owner" | "employee" | "cashier" | "visitor" | "expired" | "foreign") {
  return { authorization: `Bearer ${inject("tokens")[who]}` };
}

export function postJson(path: string, body: unknown, headers: Record<string, string> = {}) {
  return call(path, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

/** Posts like a browser's form does. */
export function postForm(
  path: string,
  fields: Record<string, string>,
  headers: Record<string, string> = {},
) {
  return call(path, {
    method: "POST",
    headers: { accept: "text/html,application/xhtml+xml", ...headers },
    body: new URLSearchParams(fields),
    redirect: "manual",
  });
}

/** The database itself, to look at what was stored. */
export function database() {
  return createDatabase({
    url: String(Reflect.get(env, "DATABASE_URL")),
    httpEndpoint: env.DATABASE_HTTP_ENDPOINT,
    requestId: "test",
  });
}
