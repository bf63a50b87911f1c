import { NeonDbError, neon, neonConfig } from "@neondatabase/serverless";
import { drizzle } from "drizzle-orm/neon-http";
import { watchAnswer } from "./watch.ts";

/** For how long a statement may take when nobody says otherwise. */
const DEFAULT_TIMEOUT_MS = 10_000;

/** What a request adds to each of its database calls. */
interface CallOptions {
  readonly endpoint: string | undefined;
  readonly requestId: string;
  readonly timeoutMs: number;
  readonly failed: () => void;
}

/**
 * The driver has one global fetch hook. Options given as `fetchOptions` arrive in its `init`, so the
 * hook itself holds no state of any request.
 */
neonConfig.fetchFunction = async (url: string, init: RequestInit & { outreach: CallOptions }) => {
  const { outreach, ...rest } = init;
  const headers = new Headers(rest.headers);
  headers.set("x-request-id", outreach.requestId);
  const { signal, settled } = deadline(outreach.timeoutMs);
  const response = await watchAnswer(
    fetch(outreach.endpoint ?? url, { ...rest, headers, signal }).catch((error: unknown) => {
      settled();
      throw error;
    }),
    outreach.failed,
  );
  const { ok, status } = response;
  const json = () =>
    readAnswer(response)
      .catch((error: unknown) => {
        // A 400 that cannot be read has been noticed already.
        if (ok) outreach.failed();
        throw error;
      })
      .finally(settled);
  return { ok, status, text: () => response.text().finally(settled), json };
};

/** Like `AbortSignal.timeout`, whose timer cannot be stopped and keeps a Durable Object awake. */
function deadline(milliseconds: number): { signal: AbortSignal; settled: () => void } {
  const controller = new AbortController();
  const timer = setTimeout(
    () => controller.abort(new DOMException("no answer in time", "TimeoutError")),
    milliseconds,
  );
  return { signal: controller.signal, settled: () => clearTimeout(timer) };
}

/**
 * The driver trusts that 200 and 400 are the database's own words; whatever stands in between may
 * answer with a page of its own, half an answer, or none. That is no answer of the database.
 */
async function readAnswer(response: Response): Promise<unknown> {
  let answer: unknown;
  try {
    answer = await response.json();
  } catch (cause) {
    throw unreadable(cause);
  }
  const wellFormed = response.ok ? isResult(answer) : typeof answer === "object" && answer !== null;
  if (!wellFormed) throw unreadable(undefined);
  return answer;
}

function isResult(answer: unknown): boolean {
  const { results, fields, rows } = Object(answer) as Record<string, unknown>;
  if (results === undefined) return Array.isArray(fields) && Array.isArray(rows);
  return Array.isArray(results) && results.every(isResult);
}

/** Without a `code`, as the driver's own errors about connections are. */
function unreadable(cause: unknown): NeonDbError {
  return Object.assign(new NeonDbError("the answer cannot be read"), { cause });
}

/**
 * Postgres over HTTP: every statement, and every `batch`, is one round trip.
 * @param options.url `postgres://user:password@host/database`
 * @param options.httpEndpoint overrides the endpoint the driver derives from the host
 * @param options.timeoutMs for one round trip, the reading of its answer included. A statement that
 *   was given up may still have been, or be about to be, committed
 * @param options.failed told of every call that found no working database
 */
export function createDatabase(options: {
  url: string;
  httpEndpoint: string | undefined;
  requestId: string;
  timeoutMs?: number;
  failed?: () => void;
}) {
  const outreach: CallOptions = {
    endpoint: options.httpEndpoint,
    requestId: options.requestId,
    timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    failed: options.failed ?? (() => {}),
  };
  return drizzle(neon(options.url, { fetchOptions: { outreach } }));
}

export type Database = ReturnType<typeof createDatabase>;
