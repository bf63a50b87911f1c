import { z } from "@hono/zod-openapi";
import type { SubmissionBody } from "../http/submission-body.ts";

/** What a public write carries for the spam gate and nobody else. Never validated, never stored. */
export interface SpamFields {
  /** A field that no person sees was filled in. */
  readonly honeypot: boolean;
  readonly stamp: string | undefined;
  readonly turnstileToken: string | undefined;
}

const HONEYPOT = "_gotcha";
const STAMP = "_stamp";
/** Turnstile's widget names its form field itself; JSON is camelCase. */
const TURNSTILE = { form: "cf-turnstile-response", json: "turnstileToken" } as const;

/** For the OpenAPI document. */
export const spamFieldSchemas = {
  [HONEYPOT]: z.string().optional().openapi({
    description: "A field that people do not see; leave it empty.",
    example: "",
  }),
  [STAMP]: z.string().optional().openapi({ description: "From `GET /forms/stamp`; optional." }),
  [TURNSTILE.json]: z
    .string()
    .optional()
    .openapi({
      description: `Turnstile's token, where Turnstile is configured. In a form: \`${TURNSTILE.form}\`, as the widget calls it.`,
    }),
};

/**
 * Takes the spam gate's fields out of a body, so that what is left is the submission alone: the same
 * three in JSON and in forms, before validation could refuse or drop them.
 */
export function takeSpamFields(body: SubmissionBody): { rest: SubmissionBody; spam: SpamFields } {
  if (body.kind === "form") {
    const fields = new Map(body.fields);
    const take = (name: string) => {
      const value = fields.get(name);
      fields.delete(name);
      return value;
    };
    const spam = read(take(HONEYPOT), take(STAMP), take(TURNSTILE.form));
    return { rest: { kind: "form", fields, files: body.files }, spam };
  }
  const { value } = body;
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { rest: body, spam: read(undefined, undefined, undefined) };
  }
  const {
    [HONEYPOT]: gotcha,
    [STAMP]: stamp,
    [TURNSTILE.json]: token,
    ...rest
  } = value as Record<string, unknown>;
  return { rest: { kind: "json", value: rest }, spam: read(gotcha, stamp, token) };
}

function read(gotcha: unknown, stamp: unknown, token: unknown): SpamFields {
  return { honeypot: isFilled(gotcha), stamp: textOf(stamp), turnstileToken: textOf(token) };
}

/** A form sends an empty text for the field; a program may send its own idea of empty. */
function isFilled(value: unknown): boolean {
  if (typeof value === "string") return value.trim() !== "";
  return value !== undefined && value !== null && value !== false;
}

/** Anything but a text can be neither a stamp nor a token; as a text it is just as wrong. */
function textOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  const text = typeof value === "string" ? value.trim() : "?";
  return text === "" ? undefined : text;
}
