import { neon, neonConfig } from "@neondatabase/serverless";
import { drizzle } from "drizzle-orm/neon-http";
import { watchAnswer } from "./watch.ts";

/** What a request adds to each of its database calls. */
interface CallOptions {
  readonly endpoint: string | undefined;
  readonly requestId: string;
  readonly failed: () => void;
}

/**
 * The driver has one global fetch hook. Options given as `fetchOptions` arrive in its `init`, so the
 * hook itself holds no state of any request.
 */
neonConfig.fetchFunction = (url: string, init: RequestInit & { outreach: CallOptions }) => {
  const { outreach, ...rest } = init;
  const headers = new Headers(rest.headers);
  headers.set("x-request-id", outreach.requestId);
  return watchAnswer(fetch(outreach.endpoint ?? url, { ...rest, headers }), outreach.failed);
};

/**
 * Postgres over HTTP: every statement, and every `batch`, is one round trip.
 * @param options.url `postgres://user:password@host/database`
 * @param options.httpEndpoint overrides the endpoint the driver derives from the host
 * @param options.failed told of every call that found no working database
 */
export function createDatabase(options: {
  url: string;
  httpEndpoint: string | undefined;
  requestId: string;
  failed?: () => void;
}) {
  const { httpEndpoint: endpoint, requestId, failed = () => {} } = options;
  const outreach: CallOptions = { endpoint, requestId, failed };
  return drizzle(neon(options.url, { fetchOptions: { outreach } }));
}

export type Database = ReturnType<typeof createDatabase>;
