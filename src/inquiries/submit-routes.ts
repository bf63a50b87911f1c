import { countRefusals } from "../http/middleware/count-refusals.ts";
import { rateLimit } from "../http/middleware/rate-limit.ts";
import { json, problems, RATE_LIMIT_HEADERS, requestIdHeader } from "../http/openapi.ts";
import { createRouter, operation, validationProblem } from "../http/router.ts";
import { readSubmissionBody, refuseFiles, wantsPage } from "../http/submission-body.ts";
import { readIdempotencyKey } from "../intake/idempotency.ts";
import { judgeSpam } from "../intake/spam.ts";
import { spamFieldSchemas, takeSpamFields } from "../intake/spam-fields.ts";
import { redirectOfForm, submissionOfForm } from "./form.ts";
import { correctionPage, thankYouPage } from "./pages.ts";
import { inquirySubmission, submissionAccepted, submissionQueued } from "./schema.ts";
import { submitInquiry } from "./submit.ts";

/** What the document shows: the submission with the fields that the spam gate takes out of it. */
const inquirySubmissionBody = inquirySubmission
  .extend(spamFieldSchemas)
  .openapi("InquirySubmissionBody");

// By reference: the same schema serves three encodings, and the handler reads the body itself.
const submissionBody = { schema: { $ref: "#/components/schemas/InquirySubmissionBody" } };

const replayedHeader = {
  "Idempotency-Replayed": {
    schema: { type: "string" as const },
    description: "`true` when this submission had been accepted before.",
  },
};

const submit = operation(
  {
    method: "post",
    path: "/inquiries/submit",
    operationId: "submitInquiry",
    tags: ["Public"],
    summary: "Send a message",
    description:
      "For a contact form anywhere on the web: JSON, or an HTML form as it is. In JSON an unknown field is refused; in a form it goes into `metadata`, up to 20 fields of 500 characters. A form post that accepts `text/html` is answered with 303 to the field `_redirect` if its origin is allowed, otherwise with a page; problems are a page too, with what was typed. The same submission within ten minutes, or with the same `Idempotency-Key`, is stored once. Limits are counted for each client (IPv4 address or IPv6 /64), once a body is valid. What looks like spam is answered like any other message and filed apart; no field tells.",
    middleware: [countRefusals("outreach_submissions_total"), rateLimit("submit")] as const,
    request: {
      body: {
        required: true,
        content: {
          "application/json": submissionBody,
          "application/x-www-form-urlencoded": submissionBody,
          "multipart/form-data": submissionBody,
        },
      },
    },
    responses: {
      201: json(submissionAccepted, "Stored.", { ...replayedHeader, ...RATE_LIMIT_HEADERS }),
      202: json(
        submissionQueued,
        "Accepted and safe on disk; stored, and given its id, as soon as the database is back.",
        { ...replayedHeader, ...RATE_LIMIT_HEADERS },
      ),
      200: {
        description: "A thank-you page, for a form post that accepts `text/html`.",
        headers: { ...requestIdHeader, ...RATE_LIMIT_HEADERS },
        content: { "text/html": { schema: { type: "string" } } },
      },
      303: {
        description: "To `_redirect`, for a form post that accepts `text/html`.",
        headers: {
          ...requestIdHeader,
          Location: { schema: { type: "string" }, description: "The field `_redirect`." },
          ...RATE_LIMIT_HEADERS,
        },
      },
      ...problems(
        "malformed_json",
        "malformed_body",
        "invalid_idempotency_key",
        "body_too_large",
        "unsupported_media_type",
        "validation_failed",
        "idempotency_key_reused",
        "rate_limited",
        "intake_unavailable",
      ),
    },
  },
  async (c) => {
    const { deps, requestId, client, limits } = c.var;
    const body = await readSubmissionBody(c);
    const browser = body.kind === "form" && wantsPage(c);
    if (browser) {
      const { allowedOrigins } = deps.config;
      c.set("problemPage", (problem) =>
        correctionPage({ problem, fields: body.fields, requestId, allowedOrigins }),
      );
    }
    await limits.admit();
    refuseFiles(body);
    const { rest, spam } = takeSpamFields(body);
    const parsed = inquirySubmission.safeParse(
      rest.kind === "form" ? submissionOfForm(rest.fields) : rest.value,
      { reportInput: true },
    );
    if (!parsed.success) throw validationProblem(parsed.error);
    const idempotencyKey = readIdempotencyKey(c.req.header("idempotency-key"));
    await limits.charge();
    const { name, email, subject, message, metadata } = parsed.data;
    const texts = [subject ?? "", message, ...Object.values(metadata ?? {})];
    const { reasons, unverified } = await judgeSpam(
      deps,
      spam,
      { name, email, texts },
      {
        submission: idempotencyKey ?? JSON.stringify(parsed.data),
        address: c.req.header("cf-connecting-ip"),
      },
    );
    if (unverified) await limits.chargeUnverified();
    const { replayed, ...accepted } = await submitInquiry(deps, parsed.data, {
      idempotencyKey,
      country: c.req.header("cf-ipcountry"),
      clientAddress: client.key,
      spamReasons: reasons,
    });
    if (replayed) c.header("idempotency-replayed", "true");
    if (browser) {
      const target = redirectOfForm(body.fields, deps.config.allowedOrigins);
      return target === undefined ? thankYouPage(accepted.receipt) : c.redirect(target, 303);
    }
    return accepted.status === "NEW" ? c.json(accepted, 201) : c.json(accepted, 202);
  },
);

export const submissionRoutes = createRouter().openapiRoutes([submit] as const);
submissionRoutes.openAPIRegistry.register("InquirySubmissionBody", inquirySubmissionBody);
