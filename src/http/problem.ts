/** One row for everything that can go wrong: the code is the contract, the texts may change. */
const CATALOGUE = {
  malformed_json: { status: 400, title: "The body is not valid JSON" },
  malformed_body: { status: 400, title: "The body cannot be read in its stated encoding" },
  malformed_id: { status: 400, title: "The id is not a Snowflake id" },
  invalid_cursor: {
    status: 400,
    title: "The cursor is not one of ours, or belongs to other filters",
  },
  invalid_idempotency_key: { status: 400, title: "The Idempotency-Key header is malformed" },
  invalid_token: { status: 400, title: "This link to unsubscribe does not work" },
  invalid_offset: {
    status: 400,
    title: "`since` and `epoch` are not an event's id and its epoch, or one is missing",
  },
  unauthenticated: { status: 401, title: "A valid bearer token is required" },
  forbidden: { status: 403, title: "Your roles do not allow this" },
  origin_not_allowed: { status: 403, title: "This origin may not connect" },
  route_not_found: { status: 404, title: "There is nothing at this address" },
  inquiry_not_found: { status: 404, title: "There is no such inquiry" },
  subscriber_not_found: { status: 404, title: "There is no such subscriber" },
  set_aside_not_found: { status: 404, title: "There is no such write among those set aside" },
  room_not_found: { status: 404, title: "There is no such room" },
  method_not_allowed: { status: 405, title: "This address does not answer to that method" },
  not_acceptable: { status: 406, title: "None of the accepted media types can be produced" },
  status_conflict: { status: 409, title: "The status cannot be changed like this" },
  subscriber_active: { status: 409, title: "This address is on the list already" },
  subscriber_unsubscribed: { status: 409, title: "This address has left the list" },
  subscriber_in_bin: { status: 409, title: "This address is in the bin" },
  subscriber_erased: {
    status: 409,
    title: "This address was erased at its owner's wish and must not be written to",
  },
  stale_version: { status: 412, title: "It was changed since you read it" },
  body_too_large: { status: 413, title: "The body is larger than is accepted here" },
  unsupported_media_type: { status: 415, title: "The body's media type is not supported" },
  validation_failed: { status: 422, title: "Some values are missing or not as they should be" },
  idempotency_key_reused: {
    status: 422,
    title: "This Idempotency-Key was used with other content before",
  },
  upgrade_required: { status: 426, title: "This address only speaks WebSocket" },
  rate_limited: { status: 429, title: "Too many requests for now" },
  internal_error: { status: 500, title: "Something went wrong on our side" },
  misconfigured: { status: 503, title: "The service is not configured correctly" },
  database_unavailable: { status: 503, title: "The service cannot reach its database right now" },
  intake_unavailable: { status: 503, title: "What you sent could not be stored right now" },
  identity_unavailable: { status: 503, title: "The identity provider cannot be reached right now" },
  room_unavailable: { status: 503, title: "The room cannot be reached right now" },
  permissions_unavailable: { status: 503, title: "Permissions cannot be checked right now" },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof CATALOGUE;

/** One value that failed, by RFC 6901 JSON Pointer into the body, or `?name` for a query parameter. */
export interface ValueError {
  readonly pointer: string;
  readonly code: string;
  readonly detail: string;
}

/** RFC 6901. */
export function jsonPointer(path: readonly PropertyKey[]): string {
  return path
    .map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`)
    .join("");
}

interface ProblemOptions {
  readonly detail?: string;
  readonly errors?: readonly ValueError[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Members of its own beside those of RFC 9457, section 3.2. */
  readonly extensions?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** Seconds after which a caller that met a 503 may try again. */
const RETRY_AFTER_SECONDS = 10;

/** What services throw and the one handler in app.ts turns into RFC 9457 `application/problem+json`. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly code: ProblemCode;
  readonly errors: readonly ValueError[];
  readonly headers: Readonly<Record<string, string>>;
  readonly detail: string | undefined;
  readonly extensions: Readonly<Record<string, unknown>>;

  constructor(code: ProblemCode, options: ProblemOptions = {}) {
    super(code, { cause: options.cause });
    this.code = code;
    this.detail = options.detail;
    this.errors = options.errors ?? [];
    this.headers = {
      ...(this.status === 503 && { "retry-after": String(RETRY_AFTER_SECONDS) }),
      ...options.headers,
    };
    this.extensions = options.extensions ?? {};
  }

  get status() {
    return CATALOGUE[this.code].status;
  }

  get title(): string {
    return CATALOGUE[this.code].title;
  }
}

/** The wire form, RFC 9457. A 5xx carries no detail of its own: nothing internal leaks. */
export function problemResponse(
  problem: Problem,
  context: { requestId: string; instance: string },
): Response {
  const { code, status, title, errors } = problem;
  const detail = status >= 500 ? undefined : problem.detail;
  return Response.json(
    {
      type: `urn:outreach:problem:${code}`,
      title,
      status,
      ...(detail !== undefined && { detail }),
      instance: context.instance,
      code,
      requestId: context.requestId,
      ...(errors.length > 0 && { errors }),
      ...problem.extensions,
    },
    {
      status,
      headers: {
        "content-type": "application/problem+json",
        ...problem.headers,
      },
    },
  );
}

/** What a code means, for people. */
export function problemTitle(code: ProblemCode): string {
  return CATALOGUE[code].title;
}

/** Status of a code, for the OpenAPI document. */
export function problemStatus(code: ProblemCode) {
  return CATALOGUE[code].status;
}
