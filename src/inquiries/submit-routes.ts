import { countRefusals } from "../http/middleware/count-refusals.ts";
import { json, problems, requestIdHeader } from "../http/openapi.ts";
import { createRouter, operation, validationProblem } from "../http/router.ts";
import { readSubmissionBody, refuseFiles, wantsPage } from "../http/submission-body.ts";
import { readIdempotencyKey } from "../intake/idempotency.ts";
import { clientAddress } from "../limits/client.ts";
import { redirectOfForm, submissionOfForm } from "./form.ts";
import { correctionPage, thankYouPage } from "./pages.ts";
import { inquirySubmission, submissionAccepted } from "./schema.ts";
import { submitInquiry } from "./submit.ts";

// By reference: the same schema serves three encodings, and the handler reads the body itself.
const submissionBody = { schema: { $ref: "#/components/schemas/InquirySubmission" } };

const submit = operation(
  {
    method: "post",
    path: "/inquiries/submit",
    operationId: "submitInquiry",
    tags: ["Public"],
    summary: "Send a message",
    description:
      "For a contact form anywhere on the web: JSON, or an HTML form as it is. In JSON an unknown field is refused; in a form it goes into `metadata`, up to 20 fields of 500 characters. A form post that accepts `text/html` is answered with 303 to the field `_redirect` if its origin is allowed, otherwise with a page; problems are a page too, with what was typed. The same submission within ten minutes, or with the same `Idempotency-Key`, is stored once.",
    middleware: [countRefusals("outreach_submissions_total")] as const,
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
      201: json(submissionAccepted, "Stored.", {
        "Idempotency-Replayed": {
          schema: { type: "string" },
          description: "`true` when this submission had been stored before.",
        },
      }),
      200: {
        description: "A thank-you page, for a form post that accepts `text/html`.",
        headers: requestIdHeader,
        content: { "text/html": { schema: { type: "string" } } },
      },
      303: {
        description: "To `_redirect`, for a form post that accepts `text/html`.",
        headers: {
          ...requestIdHeader,
          Location: { schema: { type: "string" }, description: "The field `_redirect`." },
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
        "database_unavailable",
      ),
    },
  },
  async (c) => {
    const { deps, requestId } = c.var;
    const body = await readSubmissionBody(c);
    const browser = body.kind === "form" && wantsPage(c);
    if (browser) {
      const { allowedOrigins } = deps.config;
      c.set("problemPage", (problem) =>
        correctionPage({ problem, fields: body.fields, requestId, allowedOrigins }),
      );
    }
    refuseFiles(body);
    const parsed = inquirySubmission.safeParse(
      body.kind === "form" ? submissionOfForm(body.fields) : body.value,
      { reportInput: true },
    );
    if (!parsed.success) throw validationProblem(parsed.error);
    const { id, receipt, submittedAt, replayed } = await submitInquiry(deps, parsed.data, {
      idempotencyKey: readIdempotencyKey(c.req.header("idempotency-key")),
      country: c.req.header("cf-ipcountry"),
      clientAddress: clientAddress(c.req.raw.headers),
      spamReasons: [],
    });
    if (replayed) c.header("idempotency-replayed", "true");
    if (browser) {
      const target = redirectOfForm(body.fields, deps.config.allowedOrigins);
      return target === undefined ? thankYouPage(receipt) : c.redirect(target, 303);
    }
    return c.json({ id, receipt, status: "NEW" as const, submittedAt }, 201);
  },
);

export const submissionRoutes = createRouter().openapiRoutes([submit] as const);
submissionRoutes.openAPIRegistry.register("InquirySubmission", inquirySubmission);
