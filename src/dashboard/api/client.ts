import { hc } from "hono/client";
import type { App } from "../../app.ts";
import { accessToken } from "../session/session.ts";
import { ApiProblem, throwProblem, unreachable } from "./problem.ts";

export const API_PREFIX = "/v1/api/outreach";

/** How long an answer may take to begin: Wi-Fi that swallows everything says nothing for minutes. */
const ANSWER_MS = 20_000;

/** With the session's token; a refused one is renewed once. @throws {ApiProblem} `unreachable` */
async function authorizedFetch(
  input: RequestInfo | URL,
  init: RequestInit = {},
): Promise<Response> {
  const token = await accessToken();
  const response = await send(input, init, token);
  if (response.status !== 401) return response;
  return send(input, init, await accessToken({ fresh: true }));
}

async function send(
  input: RequestInfo | URL,
  init: RequestInit,
  token: string | undefined,
): Promise<Response> {
  if (token === undefined) {
    throw new ApiProblem({ code: "unauthenticated", status: 401, title: "The session has ended" });
  }
  const headers = new Headers(init.headers);
  headers.set("authorization", `Bearer ${token}`);
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), ANSWER_MS);
  try {
    // Whoever brings a signal of their own sends or takes a file, and has a button to stop it.
    return await fetch(input, { ...init, signal: init.signal ?? patience.signal, headers });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw unreachable();
  } finally {
    clearTimeout(timer);
  }
}

const client = hc<App>(location.origin, { fetch: authorizedFetch });

/** Every operation of the API, typed by the Worker's own routes. */
export const api = client.v1.api.outreach;

/** An answer of `hc`: of many statuses, of which those up to 299 carry what was asked for. */
interface Answer {
  readonly ok: boolean;
  readonly status: number;
  json(): Promise<unknown>;
}

type Success<R> = R extends { ok: true; json(): Promise<infer T> } ? T : never;

/** The value of a successful answer. @throws {ApiProblem} */
export async function answerOf<R extends Answer>(answer: Promise<R> | R): Promise<Success<R>> {
  const response = await answer;
  if (!response.ok) return throwProblem(response as unknown as Response);
  return (await response.json()) as Success<R>;
}
