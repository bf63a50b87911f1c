import type { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { type CorrectedForm, correctionPage } from "../http/correction-page.ts";
import { redirectOfForm } from "../http/form-post.ts";
import { requestIdHeader } from "../http/openapi.ts";
import { Problem } from "../http/problem.ts";
import { type AppEnv, validationProblem } from "../http/router.ts";
import {
  type FormFields,
  readSubmissionBody,
  refuseFiles,
  wantsPage,
} from "../http/submission-body.ts";
import { readIdempotencyKey } from "./idempotency.ts";
import { judgeSpam, type SpamReason } from "./spam.ts";
import type { Content } from "./spam-content.ts";
import { type SpamFields, takeSpamFields } from "./spam-fields.ts";

/** What every public write does between its body and its command: the same for JSON and forms. */
export interface PublicWrite<Data> {
  readonly data: Data;
  readonly idempotencyKey: string | undefined;
  readonly spam: SpamFields;
  /** The form, when a browser waits for a page. */
  readonly form: FormFields | undefined;
}

/**
 * Reads and validates a public write, past the first gate of its limits. From here on a browser is
 * shown its problems in the form that it sent.
 * @param options.ofForm the JSON value that a form stands for
 * @throws {Problem} `unsupported_media_type`, `malformed_json`, `malformed_body`, `rate_limited`,
 *   `validation_failed`, `invalid_idempotency_key`
 */
export async function readPublicWrite<S extends z.ZodType>(
  c: Context<AppEnv>,
  options: { schema: S; ofForm: (fields: FormFields) => unknown; correction: CorrectedForm },
): Promise<PublicWrite<z.output<S>>> {
  const { deps, requestId, limits } = c.var;
  const body = await readSubmissionBody(c);
  const form = body.kind === "form" && wantsPage(c) ? body.fields : undefined;
  if (form !== undefined) {
    const { allowedOrigins } = deps.config;
    c.set("problemPage", (problem) =>
      correctionPage(options.correction, { problem, fields: form, requestId, allowedOrigins }),
    );
  }
  await limits.admit();
  refuseFiles(body);
  const { rest, spam } = takeSpamFields(body);
  const parsed = options.schema.safeParse(
    rest.kind === "form" ? options.ofForm(rest.fields) : rest.value,
    { reportInput: true },
  );
  if (!parsed.success) throw validationProblem(parsed.error);
  const idempotencyKey = readIdempotencyKey(c.req.header("idempotency-key"));
  return { data: parsed.data, idempotencyKey, spam, form };
}

/**
 * Charges the limits, then judges.
 * @param subject what besides the client is limited
 * @returns why it looks like spam
 * @throws {Problem} `rate_limited`
 */
export async function judgePublicWrite(
  c: Context<AppEnv>,
  { data, idempotencyKey, spam }: PublicWrite<unknown>,
  content: Content,
  subject?: { email: string },
): Promise<readonly SpamReason[]> {
  const { deps, limits } = c.var;
  await limits.charge(subject);
  const { reasons, unverified } = await judgeSpam(deps, spam, content, {
    submission: idempotencyKey ?? JSON.stringify(data),
    address: c.req.header("cf-connecting-ip"),
  });
  if (unverified) await limits.chargeUnverified();
  return reasons;
}

/**
 * For the address of a public write, so that it is not taken for somebody's id: a visitor may come to
 * it again by other ways than the form.
 */
export function refuseOtherMethods(): never {
  throw new Problem("method_not_allowed", { headers: { allow: "POST" } });
}

/** Where the form wants its visitor to be led, or else the page. */
export async function answerForm(
  c: Context<AppEnv>,
  form: FormFields,
  thankYouPage: () => Promise<Response>,
): Promise<Response> {
  const target = redirectOfForm(form, c.var.deps.config.allowedOrigins);
  return target === undefined ? thankYouPage() : c.redirect(target, 303);
}

/** By reference: one schema serves three encodings, and the handler reads the body itself. */
export function publicWriteBody(schemaName: string) {
  const schema = { schema: { $ref: `#/components/schemas/${schemaName}` } };
  return {
    required: true,
    content: {
      "application/json": schema,
      "application/x-www-form-urlencoded": schema,
      "multipart/form-data": schema,
    },
  };
}

/** What a form post that accepts `text/html` is answered with. */
export function formAnswers<H extends Record<string, object>>(headers: H) {
  return {
    200: {
      description: "A thank-you page, for a form post that accepts `text/html`.",
      headers: { ...requestIdHeader, ...headers },
      content: { "text/html": { schema: { type: "string" } } },
    },
    303: {
      description: "To `_redirect`, for a form post that accepts `text/html`.",
      headers: {
        ...requestIdHeader,
        Location: {
          schema: { type: "string" as const },
          description: "The field `_redirect`.",
        },
        ...headers,
      },
    },
  } as const;
}

/** How it can be refused, whatever it is. */
export const PUBLIC_WRITE_PROBLEMS = [
  "malformed_json",
  "malformed_body",
  "invalid_idempotency_key",
  "body_too_large",
  "unsupported_media_type",
  "validation_failed",
  "idempotency_key_reused",
  "rate_limited",
  "intake_unavailable",
] as const;
