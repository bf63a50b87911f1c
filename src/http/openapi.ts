import { z } from "@hono/zod-openapi";
import { type ProblemCode, problemStatus } from "./problem.ts";

export const problemSchema = z
  .object({
    type: z.string().openapi({ example: "urn:outreach:problem:validation_failed" }),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    instance: z.string().openapi({ example: "/v1/api/outreach/inquiries/submit" }),
    code: z
      .string()
      .openapi({ description: "Stable; branch on it.", example: "validation_failed" }),
    requestId: z.string(),
    violatedPolicies: z
      .array(z.string())
      .optional()
      .openapi({
        description: "Of `rate_limited`: the policies that are used up.",
        example: ["submit"],
      }),
    errors: z
      .array(
        z.object({
          pointer: z.string().openapi({
            description: "JSON Pointer (RFC 6901) into the body, or `?name` for a query parameter.",
            example: "/email",
          }),
          code: z.string(),
          detail: z.string(),
        }),
      )
      .optional(),
    subscriberId: z.string().optional().openapi({
      description: "After a `subscriber_` conflict: who has the address.",
    }),
    current: z.string().optional().openapi({ description: "After `status_conflict`: what it is." }),
    allowed: z
      .array(z.string())
      .optional()
      .openapi({ description: "After `status_conflict`: what it may become." }),
  })
  .openapi("Problem", { description: "RFC 9457 problem details." });

export const requestIdHeader = {
  "X-Request-Id": { schema: { type: "string" as const }, description: "Quote it to support." },
};

export const etagHeader = {
  ETag: { schema: { type: "string" as const }, description: '`"v<version>"`.' },
};

export const replayedHeader = {
  "Idempotency-Replayed": {
    schema: { type: "string" as const },
    description: "`true` when this was accepted before.",
  },
};

/** A JSON answer with its headers. */
export function json<T extends z.ZodType>(
  schema: T,
  description: string,
  headers: Record<string, { schema: { type: "string" }; description: string }> = {},
) {
  return {
    description,
    headers: { ...requestIdHeader, ...headers },
    content: { "application/json": { schema } },
  };
}

/** On the answers of a limited route: those it accepts, and 429. */
export const RATE_LIMIT_HEADERS = {
  "RateLimit-Policy": {
    schema: { type: "string" as const },
    description: 'Every policy the request is under: `"submit";q=5;w=60`.',
  },
  RateLimit: {
    schema: { type: "string" as const },
    description: 'What is left, and after how many seconds more comes back: `"submit";r=3;t=41`.',
  },
};

const WHEN: Readonly<
  Record<number, Record<string, { schema: { type: "string" }; description: string }>>
> = {
  401: { "WWW-Authenticate": { schema: { type: "string" }, description: "RFC 6750 challenge." } },
  415: { Accept: { schema: { type: "string" }, description: "What is supported." } },
  426: { Upgrade: { schema: { type: "string" }, description: "`websocket`." } },
  429: {
    "Retry-After": { schema: { type: "string" }, description: "Seconds." },
    ...RATE_LIMIT_HEADERS,
  },
  503: { "Retry-After": { schema: { type: "string" }, description: "Seconds." } },
};

/** Every operation can meet these, whatever it does. */
const ANYWHERE = ["internal_error", "misconfigured"] as const satisfies readonly ProblemCode[];
/** What an operation behind a token can answer besides. */
export const SECURED = [
  "unauthenticated",
  "forbidden",
  "identity_unavailable",
  "permissions_unavailable",
] as const satisfies readonly ProblemCode[];

/** What an operation that takes JSON can answer besides. */
export const REQUEST_BODY = [
  "malformed_json",
  "body_too_large",
  "unsupported_media_type",
  "validation_failed",
] as const satisfies readonly ProblemCode[];

/** The problem answers of an operation, one entry a status, naming the codes. */
export function problems(...codes: readonly ProblemCode[]) {
  const byStatus = Object.groupBy([...codes, ...ANYWHERE], problemStatus);
  return Object.fromEntries(
    Object.entries(byStatus).map(([status, group]) => [
      status,
      {
        description: group.map((code) => `\`${code}\``).join(", "),
        headers: { ...requestIdHeader, ...WHEN[Number(status)] },
        content: { "application/problem+json": { schema: problemSchema } },
      },
    ]),
  );
}

/** For operations that change one thing, RFC 9110 section 13.1.1. */
export const ifMatchHeader = z.object({
  "if-match": z.string().optional().openapi({
    description: "The `ETag` you read; 412 when it was changed since.",
    example: '"v3"',
  }),
});

/**
 * For operations that make something, draft-ietf-httpapi-idempotency-key-header section 2. Said only in
 * the document: `readIdempotencyKey` judges it, and a public write has no validator to pay for.
 */
export const idempotencyKeyParameter = {
  in: "header" as const,
  name: "idempotency-key",
  required: false,
  description:
    "Yours, a UUID say, 1 to 128 printable characters: send the same again where the answer was lost. With other content it is refused.",
  schema: { type: "string" as const, example: "8e03978e-40d5-43e8-bc93-6894a57f9324" },
};

export const bearer = [{ bearer: [] }];
